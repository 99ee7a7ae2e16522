// Judging entries in log order: the rules a block must obey before it is signed away and whenever a log is checked.

internal import CanonicalEncoding
internal import Crypto
internal import MerkleTree

/// Walks through a log, entry by entry, from its start or from a known head.
///
/// A wrong entry gives a problem and the walk goes on with what the log claims, so that one flaw is reported once.
struct LogReplay {
    /// What the last header said.
    struct Tip: Equatable, Sendable {
        var height: UInt64
        var headerHash: [UInt8]
        var time: UInt64
    }

    struct Chain: Sendable {
        let id: [UInt8]
        let authority: Curve25519.Signing.PublicKey
        let authorityKeyID: [UInt8]

        init(_ genesis: Genesis) throws(LedgerError) {
            id = genesis.chainID
            authority = try genesis.verifiedAuthority()
            authorityKeyID = Array(SHA256.hash(data: genesis.authorityKey))
        }
    }

    private(set) var chain: Chain?
    private(set) var frontier: MerkleFrontier
    private(set) var tip: Tip?
    /// The author sequence of the last transaction.
    private(set) var sequence: UInt64
    private let verifiesTransactionSignatures: Bool

    private var block = MerkleFrontier()
    private var rootBeforeBlock: [UInt8]

    /// Starts before the genesis entry.
    init(verifiesTransactionSignatures: Bool) {
        frontier = MerkleFrontier()
        sequence = 0
        rootBeforeBlock = MerkleHash.empty
        self.verifiesTransactionSignatures = verifiesTransactionSignatures
    }

    /// Starts behind the header that `state` ends with.
    init(from state: LedgerState, verifiesTransactionSignatures: Bool = true) {
        chain = state.chain
        frontier = state.frontier
        tip = state.tip
        sequence = state.sequence
        rootBeforeBlock = state.root
        self.verifiesTransactionSignatures = verifiesTransactionSignatures
    }

    /// Whether the last entry closed a block.
    var endsOnHeader: Bool { block.size == 0 && tip != nil }

    /// Takes the next entry and says what is wrong with it; nothing when it is right.
    mutating func consume(_ body: [UInt8], storedLeafHash: [UInt8]) -> [String] {
        var problems: [String] = []
        if MerkleHash.leaf(body) != storedLeafHash { problems.append("content does not match its leaf hash") }
        var isHeader = false
        do {
            let entry = try LogEntry(decoding: body)
            switch entry {
            case .genesis(let genesis): try begin(with: genesis)
            case .transaction(let transaction): try check(transaction)
            case .header(let header):
                isHeader = true
                problems += problemsOf(header)
                tip = Tip(height: header.content.height, headerHash: storedLeafHash, time: header.content.time)
            }
        } catch {
            problems.append(error.reason)
        }
        frontier.append(leafHash: storedLeafHash)
        if isHeader {
            block = MerkleFrontier()
            rootBeforeBlock = frontier.root
        } else {
            block.append(leafHash: storedLeafHash)
        }
        return problems
    }

    private mutating func begin(with genesis: Genesis) throws(LedgerError) {
        guard frontier.size == 0 else { throw LedgerError(.malformedEntry, "a genesis entry stands at index 0 only") }
        chain = try Chain(genesis)
    }

    private mutating func check(_ transaction: Transaction) throws(LedgerError) {
        guard let chain else { throw LedgerError(.malformedEntry, "a log begins with its genesis entry") }
        let expected = sequence + 1
        sequence = transaction.sequence
        guard transaction.chainID == chain.id else { throw LedgerError(.malformedEntry, "transaction belongs to another chain") }
        guard transaction.authorKeyID == chain.authorityKeyID else { throw LedgerError(.unknownKey, "transaction has an unknown author") }
        guard transaction.sequence == expected else {
            throw LedgerError(.malformedEntry, "transaction has the sequence \(transaction.sequence) instead of \(expected)")
        }
        guard !verifiesTransactionSignatures || transaction.isSigned(by: chain.authority) else {
            throw LedgerError(.badSignature, "transaction has a bad signature")
        }
    }

    private func problemsOf(_ header: BlockHeader) -> [String] {
        guard let chain else { return ["a log begins with its genesis entry"] }
        let content = header.content
        var problems: [String] = []
        func require(_ holds: Bool, _ problem: String) {
            if !holds { problems.append("header: " + problem) }
        }
        require(content.chainID == chain.id, "belongs to another chain")
        require(content.height == (tip.map { $0.height + 1 } ?? 0), "height does not follow the previous header")
        require(content.previousHash == (tip?.headerHash ?? Self.noHash), "does not link to the previous header")
        require(content.firstIndex == frontier.size - block.size, "names another first index")
        require(content.transactionCount == block.size, "counts \(content.transactionCount) transactions instead of \(block.size)")
        require(content.transactionRoot == block.root, "has another transaction root")
        require(content.logRootBefore == rootBeforeBlock, "has another root of the log before it")
        require(content.time > (tip?.time ?? 0), "is not later than the previous header")
        require(content.authorityKeyID == chain.authorityKeyID, "is of an unknown authority")
        require(header.isSigned(by: chain.authority), "has a bad signature")
        return problems
    }

    static let noHash = [UInt8](repeating: 0, count: MerkleHash.byteCount)
}
