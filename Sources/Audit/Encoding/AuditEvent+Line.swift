/// The event as the fields of a JSON line, and back.
import Foundation

extension AuditEvent {
    /// Fields that have no value are left out; the others stand in this order.
    package var fields: [(String, AuditJSON)] {
        var fields: [(String, AuditJSON)] = [
            ("time", .text(AuditTime.text(milliseconds: milliseconds))), ("site", .text(site)), ("event", .text(kind.rawValue)),
            ("outcome", .text(outcome.rawValue)),
        ]
        func add(_ name: String, _ text: String?) { if let text { fields.append((name, .text(text))) } }
        func add(_ name: String, _ number: UInt64?) { if let number { fields.append((name, .number(number))) } }
        add("account", actor.account)
        add("role", actor.role)
        add("address", actor.address)
        add("port", actor.port.map(UInt64.init))
        add("tls", actor.tls)
        add("owner", object.owner)
        add("path", object.path)
        add("target", object.target)
        add("record", object.record)
        add("version", object.version)
        add("bytes", object.byteCount)
        add("index", object.ledgerIndex)
        add("count", object.count)
        add("reason", reason)
        return fields
    }

    /// One line without its LF.
    package var line: String { AuditJSON.object(fields).encoded }

    /// Reads an event back from a line, which may have more fields.
    package init(line: [UInt8]) throws(AuditError) {
        let fields: Fields
        do { fields = try JSONDecoder().decode(Fields.self, from: Data(line)) } catch { throw .notAnEvent("it is not JSON with the fields of an event") }
        guard let kind = Kind(rawValue: fields.event) else { throw .notAnEvent("\"\(fields.event)\" is no kind of event") }
        guard let outcome = Outcome(rawValue: fields.outcome) else { throw .notAnEvent("\"\(fields.outcome)\" is no outcome") }
        guard let milliseconds = AuditTime.milliseconds(fields.time) else { throw .notAnEvent("its time is not a time") }
        self.init(
            kind, outcome, milliseconds: milliseconds, site: fields.site,
            actor: Actor(account: fields.account, role: fields.role, address: fields.address, port: fields.port, tls: fields.tls),
            object: Object(
                path: fields.path, target: fields.target, owner: fields.owner, record: fields.record, version: fields.version,
                byteCount: fields.bytes, ledgerIndex: fields.index, count: fields.count),
            reason: fields.reason)
    }

    private struct Fields: Decodable {
        let time: String, site: String, event: String, outcome: String
        let account: String?, role: String?, address: String?, port: UInt16?, tls: String?
        let owner: String?, path: String?, target: String?, record: String?, version: UInt64?, bytes: UInt64?, index: UInt64?, count: UInt64?
        let reason: String?
    }
}
