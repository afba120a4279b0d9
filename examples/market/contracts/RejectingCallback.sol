// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A client's contract that accepts no proof: requests that name it as their callback bring CallbackFailed events.
contract RejectingCallback {
    error ProofRejected(bytes32 claimDigest, string reason);

    function handleProof(bytes32 claimDigest, bytes calldata, bytes calldata) external pure {
        revert ProofRejected(claimDigest, unicode"not convinced: näher prüfen");
    }
}
