// @ts-nocheck: checked only where the peer is installed.
/* oxlint-disable */
import { Hono } from "hono";

export default new Hono();
