// Times the pairing library's operations: `bls12381-bench [--json] [--seconds N] [name part]`.

import BLS12381

@main
enum Benchmark {
    static func main() {
        consume(BLS12381Error.notOnCurve)
    }
}
