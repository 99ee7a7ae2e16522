/// The names under which an owner finds what others send him.
import FTPClient
import FTPProtocol
import Testing

extension SiteTests {
    @Suite struct OwnerNameTests {
        /// As engines do that send under one name, and take it away before the next: the owner keeps every file.
        @Test func aSenderMayUseOneNameForEver() async throws {
            try await withSite { site in
                try await site.session("stmary") { session in
                    for number in 0..<150 {
                        let path = try VirtualPath(absolute: "/inbox/alice/result.hl7")
                        try await session.store(path, bytes: [UInt8(number)])
                        try await session.delete(path)
                    }
                }
                let names = try await site.list("/records/alice", as: "alice")
                #expect(names.count == 150)
                for number in ["", " (stmary)", " (stmary 2)", " (stmary 149)"] { #expect(names.contains("result\(number).hl7.phr")) }
            }
        }
    }
}
