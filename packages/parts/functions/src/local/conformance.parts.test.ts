// The local adapter passes the suite of the port.
import { functionsConformance } from "../conformance.ts";
import { createTemporaryFunctions, NAME } from "../testing/temporary-functions.ts";

functionsConformance({
  adapter: "local",
  open: async () => {
    const temporary = createTemporaryFunctions();
    const first = await temporary.release("first", { timeoutMs: 2_000 });
    const second = await temporary.release("second", { timeoutMs: 2_000 });
    const third = await temporary.release("third");
    await temporary.release("third", { timeoutMs: 1_000 });
    await temporary.functions.ensure(NAME, { image: first });
    return {
      functions: temporary.functions,
      name: NAME,
      // The folder of the third release was changed after its image was resolved.
      images: { first, second, unusable: third },
      close: async () => temporary.close(),
    };
  },
});
