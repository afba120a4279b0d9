// Why one order cannot be sent.

export interface OrderProblem {
  readonly orderId: string;
  /** "its quantums 1.5 are no whole number" */
  readonly problem: string;
}
