// What someone holds from one authority, as far as policies ask for it.

package import Crypto

/// The public side of a key, or of one that someone might be given: enough to say whether a policy would be satisfied.
package struct HeldAttributes: Sendable {
    package let authority: String
    /// Nil when it does not matter, as in a trial of a policy.
    package let epoch: UInt64?
    package let validity: ClosedRange<Month>
    /// Attribute names as schemes see them, each with what the holder calls it.
    let names: [String: String]

    /// - Parameters:
    ///   - member: the leaf and the depth of the authority's tree of members, if the holder has one.
    ///   - nameKey: of an authority that hides names.
    package init(
        authority: String, epoch: UInt64? = nil, attributes: [GrantedAttribute], validity: ClosedRange<Month>, member: (leaf: UInt32, depth: Int)? = nil,
        nameKey: SymmetricKey? = nil
    ) {
        self.authority = authority
        self.epoch = epoch
        self.validity = validity
        names = KeyNames(attributes, validity: validity, member: member, nameKey: nameKey).displayed
    }

    func meets(_ requirement: Requirement) -> Bool { requirement.names?.contains { names[$0] != nil } ?? false }
}

/// All names of a key: its attributes with their prefixes, its months and its place among the members.
struct KeyNames {
    /// Scheme names to granted attributes, or to themselves where a rule made them.
    let displayed: [String: String]

    init(_ attributes: [GrantedAttribute], validity: ClosedRange<Month>, member: (leaf: UInt32, depth: Int)?, nameKey: SymmetricKey?) {
        var names: [String: String] = [:]
        for attribute in attributes {
            for name in attribute.names { names[nameKey.map { AttributeName.hidden(name, $0) } ?? name] = attribute.text }
        }
        for prefix in Self.months(validity) { names[AttributeName.months(prefix)] = AttributeName.months(prefix) }
        if let member {
            for name in RevocationList.memberNames(leaf: member.leaf, depth: member.depth) { names[name] = name }
        }
        displayed = names
    }

    /// In the order of a key's encoding: by bytes, each once.
    var sorted: [String] { displayed.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

    /// The whole calendar falls into its halves: the empty prefix is no name.
    private static func months(_ validity: ClosedRange<Month>) -> [DyadicPrefix] {
        let cover = DyadicPrefix.cover(validity.lowerBound.number...validity.upperBound.number, bitCount: Month.bitCount)
        return cover.flatMap { prefix in
            prefix.length == 0 ? [DyadicPrefix(length: 1, bits: 0), DyadicPrefix(length: 1, bits: 1)] : [prefix]
        }
    }
}
