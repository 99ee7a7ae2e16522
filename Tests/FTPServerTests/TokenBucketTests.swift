// The arithmetic of rates, without waiting.
import FTPServer
import Testing

@Suite struct TokenBucketTests {
    @Test func whoeverTakesWaitsAsLongAsItsBytesAreWorth() {
        let (bucket, start) = (TokenBucket(rate: 1000), ContinuousClock.now)
        #expect(bucket.take(500, now: start) > .milliseconds(400))
        // The next one waits for both.
        #expect(bucket.take(500, now: start) > .milliseconds(900))
        #expect(bucket.take(0, now: start + .seconds(2)) == .zero)
    }

    @Test func idleTimeBuysAQuarterOfASecondOnly() {
        let (bucket, start) = (TokenBucket(rate: 1000), ContinuousClock.now + .seconds(3600))
        #expect(bucket.take(250, now: start) == .zero)
        let wait = bucket.take(1000, now: start)
        #expect(wait > .milliseconds(990) && wait < .milliseconds(1010))
    }

    @Test func aNewRateHoldsForADebt() {
        let (bucket, start) = (TokenBucket(rate: 1000), ContinuousClock.now + .seconds(10))
        _ = bucket.take(10_250, now: start)
        bucket.setRate(10_000)
        #expect(bucket.take(0, now: start) <= .seconds(1))
    }

    @Test func noRateMakesAWaitWithoutEnd() {
        #expect(TokenBucket(rate: 0).take(Int.max) == .seconds(3600))
        #expect(TokenBucket(rate: .max).take(Int.max, now: .now + .seconds(100)) <= .seconds(3600))
    }
}
