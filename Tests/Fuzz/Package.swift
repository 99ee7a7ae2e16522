// swift-tools-version: 6.3
// Fuzzing of everything that reads bytes from others. A package of its own, because all of it is instrumented:
//
//   Tests/Fuzz/run TARGET [seconds]
//
// The sources are those of the main package, by symbolic links: what is `package` there is visible here.
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")

let package = Package(
    name: "phr-fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(name: "CanonicalEncoding", swiftSettings: settings),
        .target(name: "MerkleTree", dependencies: [crypto], swiftSettings: settings),
        .target(name: "FTPProtocol", swiftSettings: settings),
        .target(name: "BLS12381", swiftSettings: settings),
        .target(name: "AttributeEncryption", dependencies: ["BLS12381", "CanonicalEncoding", crypto], swiftSettings: settings),
        .target(
            name: "Envelope", dependencies: ["AttributeEncryption", "CanonicalEncoding", "MerkleTree", "COpenSSL", crypto, cryptoExtras],
            swiftSettings: settings),
        .target(
            name: "Ledger", dependencies: ["CanonicalEncoding", "MerkleTree", crypto, .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: settings),
        .target(name: "CFuzzer"),
        .executableTarget(
            name: "fuzz", dependencies: ["AttributeEncryption", "CFuzzer", "CanonicalEncoding", "Envelope", "FTPProtocol", "Ledger"], swiftSettings: settings),
    ]
)
