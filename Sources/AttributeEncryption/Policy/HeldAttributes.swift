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
        names = Self.names(attributes, validity: validity, member: member, nameKey: nameKey)
    }

    private init(authority: String, epoch: UInt64?, validity: ClosedRange<Month>, names: [String: String]) {
        self.authority = authority
        self.epoch = epoch
        self.validity = validity
        self.names = names
    }

    /// The same attributes under another name, epoch or validity.
    func renamed(_ authority: String, epoch: UInt64?, validity: ClosedRange<Month>) -> HeldAttributes {
        HeldAttributes(authority: authority, epoch: epoch, validity: validity, names: names)
    }

    /// In the order of a key's elements: by bytes.
    var sortedNames: [String] { names.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

    func meets(_ requirement: Requirement) -> Bool { requirement.names?.contains { names[$0] != nil } ?? false }

    /// Attributes with their prefixes, months and the place among the members.
    private static func names(
        _ attributes: [GrantedAttribute], validity: ClosedRange<Month>, member: (leaf: UInt32, depth: Int)?, nameKey: SymmetricKey?
    ) -> [String: String] {
        var names: [String: String] = [:]
        for attribute in attributes {
            for name in attribute.names { names[nameKey.map { AttributeName.hidden(name, $0) } ?? name] = attribute.text }
        }
        let reserved = months(validity).map(AttributeName.months) + (member.map { RevocationList.memberNames(leaf: $0.leaf, depth: $0.depth) } ?? [])
        for name in reserved { names[name] = name }
        return names
    }

    /// The whole calendar falls into its halves: the empty prefix is no name.
    private static func months(_ validity: ClosedRange<Month>) -> [DyadicPrefix] {
        let cover = DyadicPrefix.cover(validity.lowerBound.number...validity.upperBound.number, bitCount: Month.bitCount)
        return cover.flatMap { prefix in
            prefix.length == 0 ? [DyadicPrefix(length: 1, bits: 0), DyadicPrefix(length: 1, bits: 1)] : [prefix]
        }
    }
}
