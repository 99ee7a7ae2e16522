// Bans, limits and the counting that leads to them.
import Authentication
import FTPProtocol
import GRDB
import Testing

@Suite struct BanTests {
    @Test(arguments: ["192.0.2.0/24", "192.0.2.7", "0.0.0.0/0", "2001:db8::/32", "2001:db8::1"])
    func writesWhatItReads(text: String) { #expect(NetworkPrefix(text)?.text == text) }

    @Test func countsToABan() {
        var counter = BanCounter(rule: BanRule(failures: 3, networkFailures: 5, window: .seconds(60)))
        let now = ContinuousClock.now
        let home = NetworkKey.ipv4(1)
        #expect(counter.failed(account: "alice", network: home, now: now) == .none)
        #expect(counter.failed(account: "alice", network: .ipv4(2), now: now) == .none)
        #expect(counter.failed(account: "alice", network: home, now: now) == .none)
        #expect(counter.failed(account: "alice", network: home, now: now) == .banAccount(failures: 3))
        // After the ban the count begins anew, that of the network goes on.
        #expect(counter.failed(account: "alice", network: home, now: now) == .none)
        #expect(counter.failed(account: "nobody", network: home, now: now) == .banNetwork(failures: 5))
    }

    @Test func aGoodLoginClearsItsOwnAccountOnly() {
        var counter = BanCounter(rule: BanRule(failures: 2, networkFailures: 4, window: .seconds(60)))
        let (now, home) = (ContinuousClock.now, NetworkKey.ipv4(1))
        for _ in 0..<3 {
            #expect(counter.failed(account: "alice", network: home, now: now) == .none)
            counter.succeeded(account: "alice", network: home)
        }
        #expect(counter.failed(account: "bob", network: home, now: now) == .banNetwork(failures: 4))
    }

    @Test func failuresFarApartDoNotAddUp() {
        var counter = BanCounter(rule: BanRule(failures: 2, networkFailures: 0, window: .seconds(60)))
        let (now, home) = (ContinuousClock.now, NetworkKey.ipv4(1))
        for minute in 0..<5 { #expect(counter.failed(account: "alice", network: home, now: now + .seconds(61 * minute)) == .none) }
        #expect(counter.failed(account: "alice", network: home, now: now + .seconds(61 * 4 + 59)) == .banAccount(failures: 2))
    }

    @Test func keepsBoundedMemory() {
        var counter = BanCounter(rule: BanRule(failures: 10, networkFailures: 100, window: .seconds(60)), capacity: 100)
        let now = ContinuousClock.now
        for number in 0..<10_000 { _ = counter.failed(account: String(repeating: "x", count: 5000) + "\(number)", network: .ipv4(UInt32(number)), now: now) }
        #expect(counter.entryCount <= 200)
    }

    @Test func bansStandInTheDatabaseUntilTheyAreOver() throws {
        let fixture = try AuthenticationFixture()
        let (here, there) = (try BanStore(fixture.database), try BanStore(SiteDatabase.open(path: fixture.path)))
        let network = try #require(NetworkPrefix("192.0.2.0/24"))
        func ban(_ account: String?, _ source: Ban.Source = .operator, until expires: Int64?, at created: Int64 = 100) -> Ban {
            Ban(network: network, account: account, source: source, reason: "test", createdSeconds: created, expiresSeconds: expires)
        }
        try here.add(ban("alice", until: 200))
        let address = bytes(of: "192.0.2.9")
        #expect(try there.table().ban(of: address, account: "alice", atSeconds: 150) != nil)
        #expect(try there.table().ban(of: address, account: "bob", atSeconds: 150) == nil)
        #expect(try there.table().ban(of: address, atSeconds: 150) == nil)
        #expect(try there.table().ban(of: address, account: "alice", atSeconds: 200) == nil)
        // An automatic ban does not shorten the operator's.
        try there.add(ban("alice", .automatic, until: 160, at: 120))
        #expect(try here.list(atSeconds: 150).map(\.expiresSeconds) == [200])
        try there.add(ban(nil, until: nil, at: 210))
        #expect(try here.list(atSeconds: 1000).map(\.account) == [nil])
        #expect(try here.table().ban(of: address, account: "bob", atSeconds: 1000) != nil)
        try here.remove(network, account: nil)
        #expect(try there.table().ban(of: address, atSeconds: 1000) == nil)
        #expect(throws: AuthenticationError.banNotFound(network: "192.0.2.0/24", account: nil)) { try there.remove(network, account: nil) }
    }

    @Test func limitsStandInTheDatabase() throws {
        let fixture = try AuthenticationFixture()
        try fixture.accounts.add(name: "alice", role: .patient, password: Password("correct horse"))
        let (here, there) = (try AccountLimitStore(fixture.database), try AccountLimitStore(SiteDatabase.open(path: fixture.path)))
        #expect(try there.limits(of: "alice") == .none)
        var limits = AccountLimits()
        limits.quotaBytes = 5
        limits.networks = [NetworkPrefix("10.0.0.0/8")!, NetworkPrefix("2001:db8::1")!]
        limits.hours = LoginHours("mon-fri 07:00-19:00", zone: "Europe/Berlin")
        try here.change("alice") { $0 = limits }
        #expect(try there.limits(of: "alice") == limits && limits.hours != nil)
        #expect(throws: AuthenticationError.accountNotFound("bob")) { try here.change("bob") { $0.sessions = 1 } }
        try fixture.database.write { try $0.execute(sql: "UPDATE account_limit SET networks = 'everything'") }
        // A damaged limit is not the same as none.
        #expect(throws: AuthenticationError.damaged(account: "alice", what: "no network: everything")) { try there.limits(of: "alice") }
    }

    /// 2026-11-24 was a Tuesday; 06:30 in Berlin is 05:30 UTC.
    @Test(arguments: [
        ("mon-fri 06:00-19:00", "Europe/Berlin", true), ("mon-fri 06:00-19:00", "UTC", false), ("tue 06:30-06:31", "Europe/Berlin", true),
        ("tue 06:00-06:30", "Europe/Berlin", false),
        ("sat-mon 00:00-24:00", "UTC", false), ("sat-tue 00:00-24:00", "UTC", true), ("22:00-06:00", "UTC", true), ("mon 22:00-06:00", "UTC", true),
        ("tue 22:00-06:00", "UTC", false), ("wed 00:00-01:00, tue 05:00-06:00", "UTC", true),
    ])
    func hoursOfTheWeek(text: String, zone: String, holds: Bool) throws {
        #expect(try #require(LoginHours(text, zone: zone)).contains(secondsSince1970: 1_795_498_200) == holds)
    }

    @Test(arguments: [
        ("", "UTC"), ("mon", "UTC"), ("mon 7:00-19:00", "UTC"), ("mon 07:00", "UTC"), ("mon 07:00-25:00", "UTC"), ("mon 07:00-07:00", "UTC"),
        ("xyz 07:00-08:00", "UTC"), ("mon-tue-wed 07:00-08:00", "UTC"), ("mon 24:00-01:00", "UTC"), ("mon 07:00-19:00", "Nowhere"), ("mon 07:00-19:00", "+5"),
    ])
    func refusesWhatAreNoHours(text: String, zone: String) { #expect(LoginHours(text, zone: zone) == nil) }

    private func bytes(of address: String) -> [UInt8] {
        NetworkPrefix(address)!.bytes
    }
}
