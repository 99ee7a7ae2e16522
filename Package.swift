// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// The tests of the pairing library look at its kernels; scripts/test sets the variable. Without it the package stays free of
/// unsafe flags, so that others can depend on it.
let testable: [SwiftSetting] = Context.environment["PHR_TESTABLE"] == nil ? [] : [.unsafeFlags(["-enable-testing"])]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let toml: Target.Dependency = .product(name: "TOMLKit", package: "TOMLKit")

let package = Package(
    name: "phr",
    products: [
        .executable(name: "phrd", targets: ["phrd"]),
        .executable(name: "phr", targets: ["phr"]),
        .executable(name: "phrd-pam", targets: ["phrd-pam"]),
        .library(name: "BLS12381", targets: ["BLS12381"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        // C at arm's length: module maps and static inline shims, no logic.
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CPAM", providers: [.apt(["libpam0g-dev"])]),

        // Mathematics.
        .target(name: "BLS12381", swiftSettings: strict + testable),
        .executableTarget(name: "bls12381-bench", dependencies: ["BLS12381"], path: "Sources/BLS12381Benchmark", swiftSettings: strict),

        // Formats and pure values.
        .target(name: "CanonicalEncoding", swiftSettings: strict),
        .target(name: "MerkleTree", dependencies: [crypto], swiftSettings: strict),
        .target(
            name: "Envelope", dependencies: ["AttributeEncryption", "CanonicalEncoding", "MerkleTree", "COpenSSL", crypto, cryptoExtras], swiftSettings: strict),
        .target(name: "FTPProtocol", swiftSettings: strict),
        .target(name: "PAMProtocol", swiftSettings: strict + testable),

        // Sharing by attributes.
        .target(name: "AttributeEncryption", dependencies: ["BLS12381", "CanonicalEncoding", crypto], swiftSettings: strict),
        .executableTarget(
            name: "abe-bench", dependencies: ["AttributeEncryption", "BLS12381", "Envelope", crypto], path: "Sources/AttributeEncryptionBenchmark",
            swiftSettings: strict),

        // System.
        .target(name: "Transport", dependencies: ["COpenSSL", "CLinux"], swiftSettings: strict),
        .target(name: "Confinement", dependencies: ["CLinux"], swiftSettings: strict),
        .target(name: "Authentication", dependencies: ["FTPProtocol", "PAMProtocol", crypto, cryptoExtras, grdb], swiftSettings: strict),
        .executableTarget(name: "phrd-pam", dependencies: ["CPAM", "PAMProtocol"], swiftSettings: strict),

        // State.
        .target(name: "Ledger", dependencies: ["CanonicalEncoding", "MerkleTree", crypto, grdb], swiftSettings: strict),
        .target(name: "RecordStore", dependencies: ["CanonicalEncoding", "Envelope", crypto, grdb, "CLinux"], swiftSettings: strict),

        // Protocol.
        .target(name: "BlockMode", dependencies: ["FTPProtocol", "Transport"], swiftSettings: strict),
        .target(name: "FTPServer", dependencies: ["BlockMode", "FTPProtocol", "Transport", logging], swiftSettings: strict),
        .target(name: "FTPClient", dependencies: ["BlockMode", "FTPProtocol", "Transport"], swiftSettings: strict),

        // Applications.
        .target(name: "Audit", dependencies: [crypto], swiftSettings: strict),
        .target(
            name: "Exchange",
            dependencies: [
                "AttributeEncryption", "Audit", "Authentication", "CanonicalEncoding", "Confinement", "Envelope", "FTPProtocol", "FTPServer", "Ledger",
                "MerkleTree", "RecordStore", "Transport", crypto, grdb, logging, toml,
            ],
            swiftSettings: strict),
        .target(name: "Keyring", dependencies: ["AttributeEncryption", "CanonicalEncoding", "Envelope", crypto, cryptoExtras], swiftSettings: strict),
        .target(
            name: "Client",
            dependencies: [
                "AttributeEncryption", "CanonicalEncoding", "Envelope", "FTPClient", "FTPProtocol", "Keyring", "Ledger", "MerkleTree", "Transport", crypto,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "phrd",
            dependencies: [
                "Audit", "Authentication", "CanonicalEncoding", "Confinement", "Exchange", "FTPProtocol", "Ledger", "RecordStore", "Transport", argumentParser,
                logging,
            ],
            swiftSettings: strict),
        .executableTarget(name: "phr", dependencies: ["AttributeEncryption", "Client", "FTPProtocol", "Keyring", argumentParser], swiftSettings: strict),

        // Tests: one target a target, then the real programs.
        .testTarget(name: "BLS12381Tests", dependencies: ["BLS12381"], swiftSettings: strict),
        .testTarget(name: "CanonicalEncodingTests", dependencies: ["CanonicalEncoding"], swiftSettings: strict),
        .testTarget(name: "MerkleTreeTests", dependencies: ["MerkleTree", "CanonicalEncoding"], swiftSettings: strict),
        .testTarget(
            name: "EnvelopeTests", dependencies: ["AttributeEncryption", "Envelope", "CanonicalEncoding", "MerkleTree", crypto, cryptoExtras],
            swiftSettings: strict),
        .testTarget(
            name: "AttributeEncryptionTests", dependencies: ["AttributeEncryption", "BLS12381", "CanonicalEncoding", "ProgramFixtures", crypto],
            swiftSettings: strict),
        .testTarget(name: "FTPProtocolTests", dependencies: ["FTPProtocol"], swiftSettings: strict),
        .testTarget(name: "PAMTests", dependencies: ["Authentication", "PAMProtocol", "ProgramFixtures", "phrd-pam"], swiftSettings: strict),
        .testTarget(name: "ConfinementTests", dependencies: ["CLinux", "Confinement"], swiftSettings: strict),
        .testTarget(name: "TransportTests", dependencies: ["Transport"], swiftSettings: strict),
        .testTarget(name: "AuditTests", dependencies: ["Audit", "ProgramFixtures"], swiftSettings: strict),
        .testTarget(name: "AuthenticationTests", dependencies: ["Authentication", "FTPProtocol", grdb, crypto], swiftSettings: strict),
        .testTarget(name: "LedgerTests", dependencies: ["Ledger", "CanonicalEncoding", "MerkleTree", crypto, grdb], swiftSettings: strict),
        .testTarget(name: "RecordStoreTests", dependencies: ["RecordStore", "Envelope", grdb, crypto], swiftSettings: strict),
        .testTarget(name: "FTPServerTests", dependencies: ["BlockMode", "FTPClient", "FTPServer", "FTPProtocol", "Transport", logging], swiftSettings: strict),
        .testTarget(name: "FTPClientTests", dependencies: ["FTPClient", "FTPProtocol", "Transport"], swiftSettings: strict),
        .testTarget(
            name: "ClientTests",
            dependencies: [
                "AttributeEncryption", "CanonicalEncoding", "Client", "Envelope", "FTPClient", "FTPProtocol", "Keyring", "Ledger", "Transport", crypto,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ExchangeTests",
            dependencies: [
                "AttributeEncryption", "Audit", "Authentication", "CanonicalEncoding", "Envelope", "Exchange", "FTPClient", "FTPProtocol", "Ledger",
                "ProgramFixtures", "RecordStore", "Transport", grdb, logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "KeyringTests", dependencies: ["AttributeEncryption", "CanonicalEncoding", "Keyring", "Envelope", crypto, cryptoExtras], swiftSettings: strict
        ),
        .target(name: "ProgramFixtures", path: "Tests/ProgramFixtures", swiftSettings: strict),
        .testTarget(name: "InteropTests", dependencies: ["ProgramFixtures", "RecordStore", "phr", "phrd", "phrd-pam", crypto, grdb], swiftSettings: strict),
        .testTarget(name: "CrashTests", dependencies: ["ProgramFixtures", "phr", "phrd"], swiftSettings: strict),
    ]
)
