// The Lambda adapter passes the suite of the port: against the stand-in, whose states take time, and against MiniStack, which runs real functions.
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
  type CreateFunctionCommandInput,
} from "@aws-sdk/client-lambda";
import { openAwsClient } from "@tidegate/aws";
import { ministackOff, startMinistack } from "@tidegate/aws/testing";
import { functionsConformance } from "../conformance.ts";
import { imageOf, openLambda } from "../testing/lambda-stand-in.ts";
import { sampleFunction } from "../testing/sample-function.ts";
import { NAME } from "../testing/temporary-functions.ts";
import { zipOf } from "../testing/zip-of.ts";
import { createLambdaFunctions } from "./create-lambda-functions.ts";

functionsConformance({
  adapter: "lambda on the stand-in",
  open: async () => {
    const unusable = imageOf("unusable");
    const failureOf = (image: string): string | undefined =>
      image === unusable ? "The image's architecture is not that of the function." : undefined;
    const { functions, close } = await openLambda({ failureOf });
    return {
      functions,
      name: NAME,
      images: { first: imageOf("first"), second: imageOf("second"), unusable },
      close,
    };
  },
});

const unavailable = await ministackOff();

async function openMinistack(code: Pick<CreateFunctionCommandInput, "PackageType" | "Runtime" | "Handler" | "Code">) {
  const ministack = await startMinistack();
  const client = openAwsClient(LambdaClient, ministack.clientOptions);
  const Role = "arn:aws:iam::123456789012:role/bazooka";
  await client.send(new CreateFunctionCommand({ FunctionName: NAME, Role, Timeout: 2, ...code }));
  await waitUntilFunctionActiveV2({ client, maxWaitTime: 20, minDelay: 1 }, { FunctionName: NAME });
  return {
    functions: createLambdaFunctions({ client }),
    name: NAME,
    images: { first: imageOf("first"), second: imageOf("second"), unusable: imageOf("unusable") },
    close: async () => {
      // It ends the function's process, which would outlive a killed MiniStack.
      await client.send(new DeleteFunctionCommand({ FunctionName: NAME }));
      client.destroy();
      await ministack.stop();
    },
  };
}

functionsConformance({
  adapter: "lambda on MiniStack, a function of a zip archive",
  unavailable,
  missing: {
    images: "it runs functions of zip archives without Docker, and those have no image",
    "names-errors": "MiniStack calls every error of a handler Runtime.HandlerError",
    crashes: "MiniStack takes the end of the process for an error of the handler",
  },
  open: async () =>
    openMinistack({
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: zipOf({ "index.mjs": sampleFunction("first") }) },
    }),
});

functionsConformance({
  adapter: "lambda on MiniStack, a function of an image",
  unavailable,
  missing: {
    runs: "MiniStack needs Docker to run an image",
    "refuses-images": "MiniStack takes any image",
  },
  open: async () => openMinistack({ PackageType: "Image", Code: { ImageUri: imageOf("first") } }),
});
