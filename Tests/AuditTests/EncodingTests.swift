/// One event in three forms: golden texts, hostile names, and an independent reader of each (Tests/Scripts/audit_check.py).
import Audit
import Foundation
import ProgramFixtures
import Testing

/// 2026-11-24T09:30:44.123Z
let exampleMilliseconds: Int64 = 1_795_512_644_123

func example(_ kind: AuditEvent.Kind = .stored, _ outcome: AuditEvent.Outcome = .success) -> AuditEvent {
    AuditEvent(
        kind, outcome, milliseconds: exampleMilliseconds, site: "phr.example/st-mary",
        actor: .init(account: "stmary", role: "clinic", address: "192.0.2.7", port: 40_123, tls: "TLSv1.3"),
        object: .init(
            path: "/inbox/alice/result.hl7", owner: "alice", record: String(repeating: "0a", count: 16), version: 2, byteCount: 4711, ledgerIndex: 17))
}

@Suite struct EncodingTests {
    @Test func writesTheFieldsInAFixedOrder() {
        #expect(
            example().line == """
                {"time":"2026-11-24T09:30:44.123Z","site":"phr.example/st-mary","event":"stored","outcome":"success","account":"stmary",\
                "role":"clinic","address":"192.0.2.7","port":40123,"tls":"TLSv1.3","owner":"alice","path":"/inbox/alice/result.hl7",\
                "record":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","version":2,"bytes":4711,"index":17}
                """)
    }

    @Test func writesADICOMMessage() {
        let event = AuditEvent(.login, milliseconds: exampleMilliseconds, site: "s", actor: .init(account: "a&b", address: "::1", port: 1))
        #expect(
            event.dicomMessage == """
                <AuditMessage><EventIdentification EventActionCode="E" EventDateTime="2026-11-24T09:30:44.123Z" EventOutcomeIndicator="0">\
                <EventID csd-code="110114" codeSystemName="DCM" displayName="User Authentication" originalText="User Authentication"/>\
                <EventTypeCode csd-code="110122" codeSystemName="DCM" displayName="Login" originalText="Login"/>\
                <EventTypeCode csd-code="login" codeSystemName="phr" displayName="login" originalText="login"/></EventIdentification>\
                <ActiveParticipant UserID="a&amp;b" UserIsRequestor="true" NetworkAccessPointID="::1" NetworkAccessPointTypeCode="2"/>\
                <ActiveParticipant UserID="s" UserIsRequestor="false">\
                <RoleIDCode csd-code="110150" codeSystemName="DCM" displayName="Application" originalText="Application"/></ActiveParticipant>\
                <AuditSourceIdentification AuditSourceID="s"><AuditSourceTypeCode csd-code="4"/></AuditSourceIdentification></AuditMessage>
                """)
    }

    static let hostile = [
        "a\n{\"v\":1}", "\u{0}\u{1}\t\r\u{1B}[2J", "\"\\\"},{", "<&>'\"]]>", "\u{202E}drowssap", "Zoë 病歴 🩺", "\u{7F}\u{85}\u{2028}\u{FFFE}", "e\u{301}",
    ]

    @Test(arguments: hostile)
    func keepsEachEventOnOneLineOfASCIIAndReadsItBack(_ name: String) throws {
        var event = example(.renamed, .failed)
        event.actor.account = name
        event.object.path = "/inbox/alice/" + name
        event.object.target = name
        event.reason = name
        for text in [event.line, event.dicomMessage, event.fhirResource] {
            #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        }
        let read = try AuditEvent(line: Array(event.line.utf8))
        #expect(Array((read.actor.account ?? "").unicodeScalars) == Array(name.unicodeScalars))
        #expect(read == event)
    }

    @Test func independentReadersFindEveryFieldWhereTheStandardsWantIt() async throws {
        var events: [AuditEvent] = []
        for kind in AuditEvent.Kind.allCases {
            for outcome in AuditEvent.Outcome.allCases {
                events.append(example(kind, outcome))
                events.append(AuditEvent(kind, outcome, milliseconds: exampleMilliseconds, site: "s"))
                for name in Self.hostile {
                    var event = example(kind, outcome)
                    event.actor = .init(account: name, address: "::1")
                    event.object = .init(path: name, target: name, owner: name, count: 3)
                    event.reason = name
                    events.append(event)
                }
            }
        }
        let text = events.map { "\($0.line)\n\($0.dicomMessage)\n\($0.fhirResource)\n" }.joined()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Scripts/audit_check.py"
        let output = try await Program("python3").run([script], input: Array(text.utf8))
        #expect(output.text == "\(events.count)\n", "\(output.report)")
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (exampleMilliseconds, "2026-11-24T09:30:44.123Z"),
        ] as [(Int64, String)])
    func spellsTimes(_ milliseconds: Int64, _ text: String) {
        #expect(AuditTime.text(milliseconds: milliseconds) == text)
        #expect(AuditTime.milliseconds(text) == milliseconds)
    }

    @Test(arguments: ["2026-02-30T00:00:00.000Z", "2026-11-24T24:00:00.000Z", "2026-11-24T09:30:44.123+", "2026-11-24 09:30:44.123Z", ""])
    func refusesWhatIsNoTime(_ text: String) {
        #expect(AuditTime.milliseconds(text) == nil)
    }
}
