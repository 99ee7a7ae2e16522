/// The event as a FHIR R4 AuditEvent resource (hl7.org/fhir/R4/auditevent.html).

extension AuditEvent {
    /// One line of JSON, in ASCII.
    package var fhirResource: String {
        var fields: [(String, AuditJSON)] = [("resourceType", .text("AuditEvent"))]
        fields.append(("type", Self.coding(Self.dicom, kind.eventID)))
        let own = Self.coding("urn:phr:audit-event", AuditCode(kind.rawValue, kind.rawValue))
        fields.append(("subtype", .list((kind.eventType.map { [Self.coding(Self.dicom, $0)] } ?? []) + [own])))
        fields.append(("action", .text(kind.action)))
        fields.append(("recorded", .text(AuditTime.text(milliseconds: milliseconds))))
        fields.append(("outcome", .text(outcome.code)))
        if let reason, !reason.isEmpty { fields.append(("outcomeDesc", .text(AuditText.visible(reason)))) }
        fields.append(("agent", .list(agents)))
        fields.append(
            (
                "source",
                .object([
                    ("site", .text(site)), ("observer", Self.reference(Self.site, site)),
                    ("type", .list([Self.coding("http://terminology.hl7.org/CodeSystem/security-source-type", AuditCode("4", "Application Server"))])),
                ])
            ))
        if !entities.isEmpty { fields.append(("entity", .list(entities))) }
        return AuditJSON.object(fields).encoded
    }

    private static var dicom: String { "http://dicom.nema.org/resources/ontology/DCM" }
    private static var site: String { "urn:phr:site" }

    private var agents: [AuditJSON] {
        var agents: [AuditJSON] = []
        if actor != Actor() {
            var fields: [(String, AuditJSON)] = []
            if let role = kind.actorRole { fields.append(("type", .object([("coding", .list([Self.coding(Self.dicom, role)]))]))) }
            if let role = actor.role { fields.append(("role", .list([.object([("text", .text(role))])]))) }
            if let account = actor.account { fields += [("who", Self.reference("urn:phr:account", account)), ("altId", .text(AuditText.visible(account)))] }
            fields.append(("requestor", .bool(true)))
            if let address = actor.address { fields.append(("network", .object([("address", .text(address)), ("type", .text("2"))]))) }
            agents.append(.object(fields))
        }
        agents.append(
            .object([
                ("type", .object([("coding", .list([Self.coding(Self.dicom, kind.serverRole)]))])), ("who", Self.reference(Self.site, site)),
                ("requestor", .bool(actor == Actor())),
            ]))
        return agents
    }

    private var entities: [AuditJSON] {
        var entities: [AuditJSON] = []
        if let owner = object.owner {
            entities.append(
                .object([
                    ("what", Self.reference("urn:phr:account", owner)), ("type", Self.entityType("1", "Person")),
                    ("role", kind.isAboutUser ? Self.entityRole("11", "Security User Entity") : Self.entityRole("1", "Patient")),
                ]))
        }
        if let id = objectID {
            let role = object.record == nil ? Self.entityRole("4", "Domain Resource") : Self.entityRole("3", "Report")
            var fields: [(String, AuditJSON)] = [
                ("what", Self.reference(object.record == nil ? "urn:phr:path" : "urn:ietf:rfc:3986", id)), ("type", Self.entityType("2", "System Object")),
                ("role", role),
            ]
            if let cycle = kind.lifeCycle {
                fields.append(("lifecycle", Self.coding("http://terminology.hl7.org/CodeSystem/dicom-audit-lifecycle", cycle)))
            }
            if let path = object.path { fields.append(("name", .text(AuditText.visible(path)))) }
            let details: [AuditJSON] = details.map { .object([("type", .text($0.0)), ("valueString", .text(AuditText.visible($0.1)))]) }
            if !details.isEmpty { fields.append(("detail", .list(details))) }
            entities.append(.object(fields))
        }
        return entities
    }

    private static func entityType(_ code: String, _ meaning: String) -> AuditJSON {
        coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", AuditCode(code, meaning))
    }

    private static func entityRole(_ code: String, _ meaning: String) -> AuditJSON {
        coding("http://terminology.hl7.org/CodeSystem/object-role", AuditCode(code, meaning))
    }

    private static func coding(_ system: String, _ code: AuditCode) -> AuditJSON {
        .object([("system", .text(system)), ("code", .text(code.code)), ("display", .text(code.meaning))])
    }

    private static func reference(_ system: String, _ value: String) -> AuditJSON {
        let value = AuditText.visible(value)
        return .object([("identifier", .object([("system", .text(system)), ("value", .text(value))])), ("display", .text(value))])
    }
}
