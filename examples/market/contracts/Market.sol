// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A proof market for local chains: the ten events that the market indexer reads, with the signatures of the real market, emitted
/// by the same life cycle. It is an example, not a market to put money into. On purpose it leaves out:
///   - proofs: a seal is any bytes and is never verified;
///   - signatures: clientSignature is carried, never checked, and any account may lock a client's request;
///   - the collateral token: collateral is an internal balance that depositCollateral credits for nothing;
///   - fees, roles and upgrades.
contract Market {
    enum PredicateType { DigestMatch, PrefixMatch, ClaimDigestMatch }
    enum InputType { Inline, Url }
    enum FulfillmentDataType { None, ImageIdAndJournal }

    struct Callback { address addr; uint96 gasLimit; }
    struct Predicate { PredicateType predicateType; bytes data; }
    struct Requirements { Callback callback; Predicate predicate; bytes4 selector; }
    struct Input { InputType inputType; bytes data; }
    struct Offer {
        uint256 minPrice;
        uint256 maxPrice;
        uint64 rampUpStart;
        uint32 rampUpPeriod;
        uint32 lockTimeout;
        uint32 timeout;
        uint256 lockCollateral;
    }
    struct ProofRequest { uint256 id; Requirements requirements; string imageUrl; Input input; Offer offer; }
    struct Fulfillment {
        uint256 id;
        bytes32 requestDigest;
        bytes32 claimDigest;
        FulfillmentDataType fulfillmentDataType;
        bytes fulfillmentData;
        bytes seal;
    }

    /// What became of a request id. A request that was never locked and never fulfilled has none of it. The first slot stays for ever;
    /// the others are freed once they are settled, because a local chain hashes the whole storage anew with every block.
    struct RequestState {
        address lockProver;
        uint64 lockDeadline;
        bool fulfilled;
        bool paid;
        bool slashed;
        /// The prover that fulfilled after the lock's deadline; it receives the slashed collateral.
        address lateProver;
        uint256 deadline;
        uint256 price;
        uint256 collateral;
        bytes32 requestDigest;
    }

    event RequestSubmitted(uint256 indexed requestId, ProofRequest request, bytes clientSignature);
    event RequestLocked(uint256 indexed requestId, address prover, ProofRequest request, bytes clientSignature);
    event RequestFulfilled(uint256 indexed requestId, address indexed prover, bytes32 requestDigest);
    event ProofDelivered(uint256 indexed requestId, address indexed prover, Fulfillment fulfillment);
    event ProverSlashed(
        uint256 indexed requestId, uint256 collateralBurned, uint256 collateralTransferred, address collateralRecipient
    );
    event Deposit(address indexed account, uint256 value);
    event Withdrawal(address indexed account, uint256 value);
    event CollateralDeposit(address indexed account, uint256 value);
    event CollateralWithdrawal(address indexed account, uint256 value);
    event CallbackFailed(uint256 indexed requestId, address callback, bytes failure);

    error InvalidOffer();
    error RequestIsLocked(uint256 requestId);
    error RequestIsNotLocked(uint256 requestId);
    error RequestIsFulfilled(uint256 requestId);
    error RequestIsSlashed(uint256 requestId);
    error RequestIsPaid(uint256 requestId);
    error DeadlinePassed(uint256 requestId, uint256 deadline);
    error DeadlineNotPassed(uint256 requestId, uint256 deadline);
    error LockedByAnother(uint256 requestId, address prover);
    error DigestMismatch(bytes32 expected, bytes32 given);
    error InsufficientBalance(address account);
    error InsufficientCollateral(address account);
    error TransferFailed();

    uint256 private constant SLASHING_BURN_BPS = 5_000;

    string private constant CALLBACK = "Callback(address addr,uint96 gasLimit)";
    string private constant INPUT = "Input(uint8 inputType,bytes data)";
    string private constant OFFER =
        "Offer(uint256 minPrice,uint256 maxPrice,uint64 rampUpStart,uint32 rampUpPeriod,uint32 lockTimeout,uint32 timeout,uint256 lockCollateral)";
    string private constant PREDICATE = "Predicate(uint8 predicateType,bytes data)";
    string private constant REQUIREMENTS = "Requirements(Callback callback,Predicate predicate,bytes4 selector)";
    string private constant PROOF_REQUEST =
        "ProofRequest(uint256 id,Requirements requirements,string imageUrl,Input input,Offer offer)";

    mapping(address account => uint256) public balanceOf;
    mapping(address account => uint256) public balanceOfCollateral;
    mapping(uint256 requestId => RequestState) private requests;

    // --- Accounts ---

    function deposit() external payable {
        _deposit();
    }

    function withdraw(uint256 value) external {
        _withdraw(msg.sender, value);
    }

    /// Credits collateral for nothing: there is no token here.
    function depositCollateral(uint256 value) external {
        balanceOfCollateral[msg.sender] += value;
        emit CollateralDeposit(msg.sender, value);
    }

    function withdrawCollateral(uint256 value) external {
        if (balanceOfCollateral[msg.sender] < value) revert InsufficientCollateral(msg.sender);
        balanceOfCollateral[msg.sender] -= value;
        emit CollateralWithdrawal(msg.sender, value);
    }

    // --- Life cycle of a request ---

    /// Announces a request. Nothing is validated: the same request may be announced twice, and by anybody.
    function submitRequest(ProofRequest calldata request, bytes calldata clientSignature) external payable {
        if (msg.value > 0) _deposit();
        emit RequestSubmitted(request.id, request, clientSignature);
    }

    /// The caller becomes the request's prover: the price of this moment leaves the client's balance, the collateral the prover's.
    function lockRequest(ProofRequest calldata request, bytes calldata clientSignature) external {
        RequestState storage state = requests[request.id];
        if (state.lockProver != address(0)) revert RequestIsLocked(request.id);
        if (state.fulfilled) revert RequestIsFulfilled(request.id);
        Offer calldata offer = request.offer;
        if (offer.minPrice > offer.maxPrice || offer.rampUpPeriod > offer.lockTimeout || offer.lockTimeout > offer.timeout) {
            revert InvalidOffer();
        }
        uint256 lockDeadline = lockDeadlineOf(offer);
        if (block.timestamp > lockDeadline || lockDeadline > type(uint64).max) revert DeadlinePassed(request.id, lockDeadline);

        uint256 price = priceAt(offer, block.timestamp);
        _takeBalance(clientOf(request.id), price);
        if (balanceOfCollateral[msg.sender] < offer.lockCollateral) revert InsufficientCollateral(msg.sender);
        balanceOfCollateral[msg.sender] -= offer.lockCollateral;

        state.lockProver = msg.sender;
        state.lockDeadline = uint64(lockDeadline);
        state.deadline = deadlineOf(offer);
        state.price = price;
        state.collateral = offer.lockCollateral;
        state.requestDigest = requestDigest(request);
        emit RequestLocked(request.id, msg.sender, request, clientSignature);
    }

    /// Delivers a proof for `prover`. The first delivery fulfils the request and pays; each later one, until the deadline, only delivers.
    function fulfill(ProofRequest calldata request, Fulfillment calldata fulfillment, address prover) public {
        RequestState storage state = requests[request.id];
        bytes32 digest = requestDigest(request);
        if (fulfillment.requestDigest != digest || fulfillment.id != request.id) {
            revert DigestMismatch(digest, fulfillment.requestDigest);
        }
        // A settled request has forgotten its digest: a further delivery is the word of the one who delivers.
        if (state.requestDigest != 0 && state.requestDigest != digest) revert DigestMismatch(state.requestDigest, digest);
        uint256 deadline = deadlineOf(request.offer);
        if (block.timestamp > deadline) revert DeadlinePassed(request.id, deadline);

        if (!state.fulfilled) {
            state.fulfilled = true;
            _settle(state, request, prover);
            emit RequestFulfilled(request.id, prover, digest);
        }
        emit ProofDelivered(request.id, prover, fulfillment);
        _callBack(request, fulfillment);
    }

    /// Delivers, then sends the prover all that it has in the market.
    function fulfillAndWithdraw(ProofRequest calldata request, Fulfillment calldata fulfillment, address prover) external {
        fulfill(request, fulfillment, prover);
        _withdraw(prover, balanceOf[prover]);
    }

    /// Takes the collateral of a prover that did not deliver in time: half is burned, half goes to whoever delivered late, else to the market.
    function slash(uint256 requestId) external {
        RequestState storage state = requests[requestId];
        if (state.lockProver == address(0)) revert RequestIsNotLocked(requestId);
        if (state.paid) revert RequestIsPaid(requestId);
        if (state.slashed) revert RequestIsSlashed(requestId);
        if (block.timestamp <= state.deadline) revert DeadlineNotPassed(requestId, state.deadline);
        state.slashed = true;

        uint256 burned = (state.collateral * SLASHING_BURN_BPS) / 10_000;
        uint256 transferred = state.collateral - burned;
        address recipient = state.lateProver == address(0) ? address(this) : state.lateProver;
        balanceOfCollateral[recipient] += transferred;
        balanceOf[clientOf(requestId)] += state.price;
        _forget(state);
        emit ProverSlashed(requestId, burned, transferred, recipient);
    }

    // --- Reading ---

    /// A request id is the client's address followed by a 32-bit index; bit 192 marks a smart-contract signature.
    function clientOf(uint256 requestId) public pure returns (address) {
        return address(uint160(requestId >> 32));
    }

    function lockDeadlineOf(Offer calldata offer) public pure returns (uint256) {
        return uint256(offer.rampUpStart) + offer.lockTimeout;
    }

    function deadlineOf(Offer calldata offer) public pure returns (uint256) {
        return uint256(offer.rampUpStart) + offer.timeout;
    }

    /// minPrice until the ramp begins, a straight line up to maxPrice over the ramp, then maxPrice; nothing once the lock's deadline has passed.
    function priceAt(Offer calldata offer, uint256 time) public pure returns (uint256) {
        if (time <= offer.rampUpStart) return offer.minPrice;
        if (time > lockDeadlineOf(offer)) return 0;
        uint256 elapsed = time - offer.rampUpStart;
        if (elapsed >= offer.rampUpPeriod) return offer.maxPrice;
        return offer.minPrice + (elapsed * (offer.maxPrice - offer.minPrice)) / offer.rampUpPeriod;
    }

    /// The request's EIP-712 digest, in the domain of this market.
    function requestDigest(ProofRequest calldata request) public view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(), _hashRequest(request)));
    }

    function domainSeparator() public view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("IBoundlessMarket"),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
    }

    // --- Detail ---

    function _deposit() private {
        balanceOf[msg.sender] += msg.value;
        emit Deposit(msg.sender, msg.value);
    }

    function _withdraw(address account, uint256 value) private {
        _takeBalance(account, value);
        (bool sent,) = account.call{value: value}("");
        if (!sent) revert TransferFailed();
        emit Withdrawal(account, value);
    }

    function _takeBalance(address account, uint256 value) private {
        if (balanceOf[account] < value) revert InsufficientBalance(account);
        balanceOf[account] -= value;
    }

    /// Three ways to be paid: the locked price in time; nothing now, but the collateral on a slash, when late; today's price without a lock.
    function _settle(RequestState storage state, ProofRequest calldata request, address prover) private {
        if (state.lockProver == address(0)) {
            uint256 price = priceAt(request.offer, block.timestamp);
            _takeBalance(clientOf(request.id), price);
            balanceOf[prover] += price;
        } else if (block.timestamp <= state.lockDeadline) {
            if (prover != state.lockProver) revert LockedByAnother(request.id, state.lockProver);
            state.paid = true;
            balanceOf[prover] += state.price;
            balanceOfCollateral[prover] += state.collateral;
            _forget(state);
        } else {
            state.lateProver = prover;
        }
    }

    /// Frees the slots that settled amounts took.
    function _forget(RequestState storage state) private {
        state.lateProver = address(0);
        state.deadline = 0;
        state.price = 0;
        state.collateral = 0;
        state.requestDigest = 0;
    }

    /// Calls the client's contract with at most its gas limit; its failure is reported and changes nothing else.
    function _callBack(ProofRequest calldata request, Fulfillment calldata fulfillment) private {
        Callback calldata callback = request.requirements.callback;
        if (callback.addr == address(0)) return;
        bytes memory call = abi.encodeWithSignature(
            "handleProof(bytes32,bytes,bytes)", fulfillment.claimDigest, fulfillment.fulfillmentData, fulfillment.seal
        );
        (bool accepted, bytes memory failure) = callback.addr.call{gas: callback.gasLimit}(call);
        if (!accepted) emit CallbackFailed(request.id, callback.addr, failure);
    }

    function _hashRequest(ProofRequest calldata request) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(abi.encodePacked(PROOF_REQUEST, CALLBACK, INPUT, OFFER, PREDICATE, REQUIREMENTS)),
                request.id,
                _hashRequirements(request.requirements),
                keccak256(bytes(request.imageUrl)),
                keccak256(abi.encode(keccak256(bytes(INPUT)), request.input.inputType, keccak256(request.input.data))),
                _hashOffer(request.offer)
            )
        );
    }

    function _hashRequirements(Requirements calldata requirements) private pure returns (bytes32) {
        bytes32 callback = keccak256(
            abi.encode(keccak256(bytes(CALLBACK)), requirements.callback.addr, requirements.callback.gasLimit)
        );
        bytes32 predicate = keccak256(
            abi.encode(
                keccak256(bytes(PREDICATE)), requirements.predicate.predicateType, keccak256(requirements.predicate.data)
            )
        );
        return keccak256(
            abi.encode(
                keccak256(abi.encodePacked(REQUIREMENTS, CALLBACK, PREDICATE)), callback, predicate, requirements.selector
            )
        );
    }

    function _hashOffer(Offer calldata offer) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(bytes(OFFER)),
                offer.minPrice,
                offer.maxPrice,
                offer.rampUpStart,
                offer.rampUpPeriod,
                offer.lockTimeout,
                offer.timeout,
                offer.lockCollateral
            )
        );
    }
}
