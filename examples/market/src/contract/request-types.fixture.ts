// The typed data of a request as ethers wants it: the oracle of the digests in tests.
export const REQUEST_TYPES = {
  ProofRequest: [
    { name: "id", type: "uint256" },
    { name: "requirements", type: "Requirements" },
    { name: "imageUrl", type: "string" },
    { name: "input", type: "Input" },
    { name: "offer", type: "Offer" },
  ],
  Requirements: [
    { name: "callback", type: "Callback" },
    { name: "predicate", type: "Predicate" },
    { name: "selector", type: "bytes4" },
  ],
  Callback: [
    { name: "addr", type: "address" },
    { name: "gasLimit", type: "uint96" },
  ],
  Predicate: [
    { name: "predicateType", type: "uint8" },
    { name: "data", type: "bytes" },
  ],
  Input: [
    { name: "inputType", type: "uint8" },
    { name: "data", type: "bytes" },
  ],
  Offer: [
    { name: "minPrice", type: "uint256" },
    { name: "maxPrice", type: "uint256" },
    { name: "rampUpStart", type: "uint64" },
    { name: "rampUpPeriod", type: "uint32" },
    { name: "lockTimeout", type: "uint32" },
    { name: "timeout", type: "uint32" },
    { name: "lockCollateral", type: "uint256" },
  ],
};
