/// The event as an audit message of DICOM PS3.15 A.5, as IHE ATNA repositories take it.
private import Foundation

extension AuditEvent {
    /// One line of XML, without a declaration; in ASCII.
    package var dicomMessage: String {
        var xml = AuditXML()
        xml.element("AuditMessage") { message in
            writeEvent(to: &message)
            writeParticipants(to: &message)
            message.element("AuditSourceIdentification", [("AuditSourceID", site)]) {
                $0.element("AuditSourceTypeCode", [("csd-code", "4")])  // an application server
            }
            if let owner = object.owner {
                let person =
                    kind.isAboutUser
                    ? ObjectClass(id: "11", idMeaning: "User Identifier", type: "1", role: "11", lifeCycle: nil)
                    : ObjectClass(id: "2", idMeaning: "Patient Number", type: "1", role: "1", lifeCycle: nil)
                Self.write(owner, owner, person, [], to: &message)
            }
            if let id = objectID {
                let record = ObjectClass(id: "12", idMeaning: "URI", type: "2", role: object.record == nil ? "4" : "3", lifeCycle: kind.lifeCycle?.code)
                Self.write(id, object.path ?? id, record, details, to: &message)
            }
        }
        return xml.text
    }

    private func writeEvent(to message: inout AuditXML) {
        let attributes = [
            ("EventActionCode", kind.action), ("EventDateTime", AuditTime.text(milliseconds: milliseconds)), ("EventOutcomeIndicator", outcome.code),
        ]
        message.element("EventIdentification", attributes) { event in
            Self.write("EventID", kind.eventID, to: &event)
            if let type = kind.eventType { Self.write("EventTypeCode", type, to: &event) }
            Self.write("EventTypeCode", AuditCode(kind.rawValue, kind.rawValue), system: "phr", to: &event)
            if let reason { event.element("EventOutcomeDescription") { $0.characters(reason) } }
        }
    }

    private func writeParticipants(to message: inout AuditXML) {
        if actor != Actor() {
            let attributes = [
                ("UserID", actor.account ?? actor.address ?? "unknown"), ("UserIsRequestor", "true"), ("NetworkAccessPointID", actor.address),
                ("NetworkAccessPointTypeCode", actor.address.map { _ in "2" }),  // an IP address
            ]
            message.element("ActiveParticipant", attributes) { participant in
                if let role = kind.actorRole { Self.write("RoleIDCode", role, to: &participant) }
                if let role = actor.role { Self.write("RoleIDCode", AuditCode(role, role), system: "phr", to: &participant) }
            }
        }
        message.element("ActiveParticipant", [("UserID", site), ("UserIsRequestor", actor == Actor() ? "true" : "false")]) {
            Self.write("RoleIDCode", kind.serverRole, to: &$0)
        }
    }

    private struct ObjectClass {
        let id: String
        let idMeaning: String
        let type: String
        let role: String
        let lifeCycle: String?
    }

    private static func write(_ id: String, _ name: String, _ kind: ObjectClass, _ details: [(String, String)], to message: inout AuditXML) {
        let attributes = [
            ("ParticipantObjectID", id), ("ParticipantObjectTypeCode", kind.type), ("ParticipantObjectTypeCodeRole", kind.role),
            ("ParticipantObjectDataLifeCycle", kind.lifeCycle),
        ]
        message.element("ParticipantObjectIdentification", attributes) { object in
            write("ParticipantObjectIDTypeCode", AuditCode(kind.id, kind.idMeaning), system: "RFC-3881", to: &object)
            object.element("ParticipantObjectName") { $0.characters(name) }
            for (type, value) in details {
                object.element("ParticipantObjectDetail", [("type", type), ("value", Data(value.utf8).base64EncodedString())])
            }
        }
    }

    private static func write(_ name: String, _ code: AuditCode, system: String = "DCM", to xml: inout AuditXML) {
        xml.element(name, [("csd-code", code.code), ("codeSystemName", system), ("displayName", code.meaning), ("originalText", code.meaning)])
    }
}
