// Password hashes as stored: `$scrypt$ln=15,r=8,p=1$SALT$HASH`, base64 without padding, as passlib writes them.
import Foundation

/// Costs, salt and result of one scrypt run. Source: RFC 7914; the text form follows the PHC string format.
package struct ScryptHash: Hashable, Sendable {
    package struct Cost: Hashable, Sendable {
        /// Binary logarithm of N.
        package let logN: Int
        package let blockSize: Int
        package let parallelism: Int

        /// 32 MiB and about 0.1 s.
        package static var standard: Cost { Cost(logN: 15, blockSize: 8, parallelism: 1) }

        /// Nil for costs that are too low to protect or so high that a login could exhaust the machine.
        init?(checkedLogN logN: Int, blockSize: Int, parallelism: Int) {
            guard (10...20).contains(logN), (1...16).contains(blockSize), (1...4).contains(parallelism) else { return nil }
            guard (128 << logN) * blockSize <= 256 << 20 else { return nil }
            self.init(logN: logN, blockSize: blockSize, parallelism: parallelism)
        }

        private init(logN: Int, blockSize: Int, parallelism: Int) {
            self.logN = logN
            self.blockSize = blockSize
            self.parallelism = parallelism
        }
    }

    package let cost: Cost
    package let salt: [UInt8]
    package let digest: [UInt8]

    static let saltByteCount = 16
    static let digestByteCount = 32

    init(cost: Cost, salt: [UInt8], digest: [UInt8]) {
        self.cost = cost
        self.salt = salt
        self.digest = digest
    }

    /// Reads the stored form strictly: what is not exactly such a hash matches no password.
    package init(_ text: String) throws(AuthenticationError) {
        guard !text.isEmpty else { throw .invalidHash("is empty") }
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt" else { throw .invalidHash("is not of the form $scrypt$…") }
        guard let cost = Self.cost(parts[2]) else { throw .invalidHash("has costs that are not accepted") }
        guard let salt = Self.unpaddedBase64(parts[3]), (8...64).contains(salt.count),
            let digest = Self.unpaddedBase64(parts[4]), digest.count == Self.digestByteCount
        else { throw .invalidHash("is damaged") }
        self.init(cost: cost, salt: salt, digest: digest)
    }

    package var text: String {
        "$scrypt$ln=\(cost.logN),r=\(cost.blockSize),p=\(cost.parallelism)$\(Self.unpaddedBase64(salt))$\(Self.unpaddedBase64(digest))"
    }

    private static func cost(_ text: Substring) -> Cost? {
        let fields = text.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0].hasPrefix("ln="), fields[1].hasPrefix("r="), fields[2].hasPrefix("p="),
            let logN = Int(fields[0].dropFirst(3)), let blockSize = Int(fields[1].dropFirst(2)), let parallelism = Int(fields[2].dropFirst(2))
        else { return nil }
        return Cost(checkedLogN: logN, blockSize: blockSize, parallelism: parallelism)
    }

    private static func unpaddedBase64(_ bytes: [UInt8]) -> String {
        String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
    }

    private static func unpaddedBase64(_ text: Substring) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: text + padding) else { return nil }
        let bytes = [UInt8](data)
        return unpaddedBase64(bytes) == text ? bytes : nil
    }
}
