// The table of delays, forgiveness, and bounds.
import Authentication
import Testing

@Suite struct LoginThrottleTests {
    let start = ContinuousClock.now
    let home = NetworkKey.ipv4(1)
    let abroad = NetworkKey.ipv4(2)

    @Test(
        arguments: zip(
            [0, 1, 2, 3, 4, 5, 6, 7, 100, Int.max],
            [0, 0, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000]))
    func delaysByTheTable(failures: Int, milliseconds: Int) {
        #expect(LoginThrottle.delay(after: failures) == .milliseconds(milliseconds))
    }

    @Test func countsAccountsAndNetworksApart() {
        var throttle = LoginThrottle()
        // Many names from one network: the network counts.
        let sprayed = (0..<4).map { throttle.failed(account: "name-\($0)", network: abroad, now: start) }
        #expect(sprayed == [.zero, .milliseconds(500), .seconds(1), .seconds(2)])
        // One name from many networks: the account counts.
        let spread = (10..<14).map { throttle.failed(account: "alice", network: .ipv4(UInt32($0)), now: start) }
        #expect(spread == [.zero, .milliseconds(500), .seconds(1), .seconds(2)])
        #expect(throttle.failed(account: "bob", network: home, now: start) == .zero)
    }

    @Test func doesNotHoldUpTheInnocent() {
        var throttle = LoginThrottle()
        for _ in 0..<20 { _ = throttle.failed(account: "alice", network: abroad, now: start) }
        #expect(throttle.succeeded(account: "alice", network: home, now: start) == .zero)
        // A neighbour behind the guesser's address.
        #expect(throttle.succeeded(account: "bob", network: abroad, now: start) == .zero)
    }

    @Test func delaysASuccessAfterGuessesFromTheSamePlace() {
        var throttle = LoginThrottle()
        for _ in 0..<4 { _ = throttle.failed(account: "alice", network: home, now: start) }
        #expect(throttle.succeeded(account: "alice", network: home, now: start) == .seconds(2))
        // The success has cleared the account, so the next one is not held up.
        #expect(throttle.succeeded(account: "alice", network: home, now: start) == .zero)
        // It has not cleared the network: one good account is no licence to guess at others.
        #expect(throttle.failed(account: "bob", network: home, now: start) == .seconds(4))
    }

    @Test func forgivesOneFailureEachHalfMinute() {
        var throttle = LoginThrottle()
        for _ in 0..<100 { _ = throttle.failed(account: "alice", network: home, now: start) }
        #expect(throttle.failed(account: "alice", network: home, now: start + .seconds(29)) == .seconds(8))
        #expect(throttle.failed(account: "alice", network: home, now: start + .seconds(29 + 150)) == .seconds(2))
        #expect(throttle.failed(account: "alice", network: home, now: start + .seconds(1000)) == .zero)
    }

    @Test func keepsBoundedMemory() {
        var throttle = LoginThrottle(capacity: 100)
        for _ in 0..<5 { _ = throttle.failed(account: "alice", network: home, now: start) }
        for number in 0..<10_000 {
            _ = throttle.failed(account: "name-\(number)", network: .ipv4(UInt32(number + 10)), now: start + .milliseconds(number))
        }
        #expect(throttle.entryCount <= 200)
        // Whoever failed most is kept.
        #expect(throttle.failed(account: "alice", network: home, now: start + .seconds(11)) == .seconds(8))
    }

    @Test func knowsNetworks() {
        #expect(NetworkKey("192.0.2.1") == .ipv4(0xC000_0201))
        #expect(NetworkKey("::ffff:192.0.2.1") == .ipv4(0xC000_0201))
        #expect(NetworkKey("2001:db8:1:2::1") == NetworkKey("2001:db8:1:2:ffff::9"))
        #expect(NetworkKey("2001:db8:1:2::1") != NetworkKey("2001:db8:1:3::1"))
        #expect(NetworkKey("fe80::1%eth0") == .ipv6(prefix: 0xFE80_0000_0000_0000))
        for bad in ["", "localhost", "192.0.2", "192.0.2.256", "1::2::3", "%eth0"] { #expect(NetworkKey(bad) == nil) }
        #expect(NetworkKey(addressBytes: [1, 2, 3]) == nil)
    }
}
