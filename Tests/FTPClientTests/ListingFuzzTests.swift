import FTPClient
import FTPProtocol
import Testing

/// Listings by chance (Tests/Scripts/chance_listings.py): proper ones are taken whole, hostile ones refused, and of damaged ones no name is
/// used that is not a single one.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ListingFuzzTests {
    private static let duration: Duration = .seconds(4)

    @Test(arguments: [1, 2, 3])
    func takesProperListingsAndNoOthers(seed: Int) async throws {
        let server = try TestServer(faults: ["chance-listings=\(seed)"])
        var counts: [String: Int] = [:]
        let kinds = ["proper", "hostile", "damaged"]
        let end = ContinuousClock.now + Self.duration
        // On a busy machine one of each kind takes longer.
        while ContinuousClock.now < end || !kinds.allSatisfy({ counts[$0] != nil }) {
            var entries: [ListingEntry]?
            var text = ""
            do {
                entries = try await server.session { try await $0.list(.root) }
            } catch let error as FTPClientError {
                text = "\(error)"
            }
            // "# LISTING kind count"
            let sent = try #require(server.log.last { $0.hasPrefix("# LISTING") }).split(separator: " ")
            let kind = String(sent[2])
            counts[kind, default: 0] += 1
            switch kind {
            case "proper": #expect(entries.map { "\($0.count)" } == String(sent[3]), "\(text)")
            case "hostile": #expect(entries == nil, "\(entries?.map(\.name) ?? [])")
            default: break
            }
            let names = (entries ?? []).map(\.name)
            #expect(names.allSatisfy { VirtualPath.isName($0) } && Set(names).count == names.count)
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }, "\(kind)")
        }
    }
}
