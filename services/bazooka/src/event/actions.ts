// The one place that says what an event asks for: what is refused, what is planned and what is executed all come from here.
import { ACTIONS, BREAKING_ACTIONS } from "../constants.ts";
import { ForceMissing } from "../errors.ts";
import type { Action, BazookaInput } from "../types.ts";

/** In the order in which they are done. A reset leaves nothing to clear, so clear_db falls to it. */
export function actionsOf(input: BazookaInput): readonly Action[] {
  return ACTIONS.filter((action) => input[action] && !(action === "clear_db" && input.reset_db));
}

function isBreaking(action: Action): boolean {
  return (BREAKING_ACTIONS as readonly Action[]).includes(action);
}

/** What the event may do. Throws ForceMissing when it would destroy data, that is prevented, and it does not say `force`. */
export function allowedActions(
  input: BazookaInput,
  { preventBreaking }: { readonly preventBreaking: boolean },
): readonly Action[] {
  const actions = actionsOf(input);
  const breaking = actions.filter(isBreaking);
  if (preventBreaking && !input.force && breaking.length > 0) throw new ForceMissing({ actions: breaking });
  return actions;
}
