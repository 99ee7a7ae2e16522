// The sharing by itself: what does not satisfy a tree is independent of the secret.

import AttributeEncryption
import Testing

@Suite struct SharingTests {
    /// Over formal variables: the secret is a linear combination of a set of shares exactly if the set satisfies the tree. When it is
    /// not, the shares are as likely for any other secret, because the sharing draws its variables uniformly.
    @Test(arguments: 1...5)
    func sharesTellNothingUnlessTheySatisfyTheTree(rowCount: Int) {
        for tree in AccessTree.shapes(rowCount) {
            var source = FormalScalars()
            let secret = source.next()
            let shares = SecretSharing<SymbolicGroup>.shares(of: secret, over: tree, rowCount: rowCount, from: &source)
            for mask in 0..<1 << rowCount {
                let rows = (0..<rowCount).filter { mask >> $0 & 1 == 1 }
                var span = Span()
                for row in rows { span.insert(shares[row].value) }
                let selection = tree.cheapestSelection { rows.contains($0) }
                #expect(span.contains(secret.value) == (selection != nil), "\(tree), rows \(rows)")
                guard let selection else { continue }
                let sum = selection.reduce(SymbolicGroup.Scalar(0)) { $0 + shares[$1.row] * SecretSharing<SymbolicGroup>.coefficient($1) }
                #expect(sum == secret, "\(tree), rows \(rows)")
            }
        }
    }

    /// Many children: k − 1 of them are independent, k determine the secret.
    @Test func largeThresholds() {
        var random = SeededGenerator(seed: 61)
        for _ in 0..<40 {
            let rowCount = Int.random(in: 3...24, using: &random)
            let count = Int.random(in: 2..<rowCount, using: &random)
            let tree = AccessTree.threshold(count, of: (0..<rowCount).map(AccessTree.row))
            var source = FormalScalars()
            let secret = source.next()
            let shares = SecretSharing<SymbolicGroup>.shares(of: secret, over: tree, rowCount: rowCount, from: &source)
            let rows = (0..<rowCount).shuffled(using: &random)
            var span = Span()
            for row in rows.prefix(count - 1) { span.insert(shares[row].value) }
            #expect(!span.contains(secret.value))
            span.insert(shares[rows[count - 1]].value)
            #expect(span.contains(secret.value))
        }
    }
}
