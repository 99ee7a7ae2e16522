/// What an X.509 certificate says, as plain values: for logins by certificate, and for the operator.
private import COpenSSL
import Glibc

package struct CertificateFacts: Sendable, Equatable {
    /// SHA-256 of the whole certificate in DER form.
    package let sha256: [UInt8]
    /// SHA-256 of the public key (SubjectPublicKeyInfo), which outlives a renewal with the same key (RFC 7469 §2.4).
    package let publicKeySHA256: [UInt8]
    /// As RFC 2253 writes it.
    package let subject: String
    package let issuer: String
    /// `DNS:…`, `email:…`, `URI:…`, `IP:…`. A name with characters that are not printable ASCII is left out: it could look like another.
    package let alternativeNames: [String]
    /// Seconds since 1970.
    package let notBefore: Int
    package let notAfter: Int
    /// The values of each attribute of the subject by its short name ("OU"), in the certificate's order.
    package let subjectAttributes: [String: [String]]

    /// All certificates of a PEM file, in its order.
    package static func read(pemFile path: String) throws(TransportError) -> [CertificateFacts] {
        phr_OPENSSL_init()
        ERR_clear_error()
        guard let file = unsafe BIO_new_file(path, "r") else { throw .tls("cannot read the certificate \(path): \(drainErrorQueue())") }
        defer { unsafe BIO_free(file) }
        var found: [CertificateFacts] = []
        while let certificate = unsafe PEM_read_bio_X509(file, nil, nil, nil) {
            defer { unsafe X509_free(certificate) }
            guard let facts = unsafe CertificateFacts(certificate) else { throw .tls("\(path) holds a damaged certificate") }
            found.append(facts)
        }
        ERR_clear_error()
        guard !found.isEmpty else { throw .tls("\(path) holds no certificate; it must be PEM, beginning with -----BEGIN CERTIFICATE-----") }
        return found
    }

    init?(_ certificate: OpaquePointer) {
        guard let der = unsafe TLSContext.derBytes(of: certificate), let key = unsafe Self.publicKeyDER(of: certificate),
            let start = unsafe Self.seconds(X509_get0_notBefore(certificate)), let end = unsafe Self.seconds(X509_get0_notAfter(certificate)),
            let name = unsafe X509_get_subject_name(certificate), let authority = unsafe X509_get_issuer_name(certificate)
        else { return nil }
        sha256 = TLSContext.sha256(der)
        publicKeySHA256 = TLSContext.sha256(key)
        unsafe subject = Self.text(of: name)
        unsafe issuer = Self.text(of: authority)
        unsafe alternativeNames = Self.alternativeNames(of: certificate)
        (notBefore, notAfter) = (start, end)
        unsafe subjectAttributes = Self.attributes(of: name)
    }

    // MARK: Private

    private static func publicKeyDER(of certificate: OpaquePointer) -> [UInt8]? {
        var pointer: UnsafeMutablePointer<UInt8>?
        let length = unsafe i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &pointer)
        guard length > 0, let bytes = unsafe pointer else { return nil }
        defer { unsafe CRYPTO_free(bytes, "", 0) }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(length)))
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int? {
        var parts = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return unsafe timegm(&parts)
    }

    private static func text(of name: OpaquePointer) -> String {
        guard let memory = unsafe BIO_new(BIO_s_mem()) else { return "" }
        defer { unsafe BIO_free(memory) }
        unsafe X509_NAME_print_ex(memory, name, 0, phr_XN_FLAG_RFC2253)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe BIO_read(memory, $0.baseAddress, Int32($0.count)) }
        return String(decoding: buffer.prefix(max(0, Int(count))), as: UTF8.self)
    }

    private static func attributes(of name: OpaquePointer) -> [String: [String]] {
        var found: [String: [String]] = [:]
        for index in 0..<max(0, unsafe X509_NAME_entry_count(name)) {
            guard let entry = unsafe X509_NAME_get_entry(name, index),
                let label = unsafe OBJ_nid2sn(OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)))
            else { continue }
            var pointer: UnsafeMutablePointer<UInt8>?
            let length = unsafe ASN1_STRING_to_UTF8(&pointer, X509_NAME_ENTRY_get_data(entry))
            guard length > 0, let bytes = unsafe pointer else { continue }
            defer { unsafe CRYPTO_free(bytes, "", 0) }
            let value = unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: Int(length)), as: UTF8.self)
            found[unsafe String(cString: label), default: []].append(value)
        }
        return found
    }

    private static func alternativeNames(of certificate: OpaquePointer) -> [String] {
        guard let pointer = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(pointer)
        defer { unsafe GENERAL_NAMES_free(names) }
        return (0..<max(0, unsafe OPENSSL_sk_num(names))).compactMap { index in
            var kind: Int32 = 0
            guard let item = unsafe OPENSSL_sk_value(names, index),
                let value = unsafe GENERAL_NAME_get0_value(item.assumingMemoryBound(to: GENERAL_NAME.self), &kind)
            else { return nil }
            guard let label = [GEN_DNS: "DNS", GEN_EMAIL: "email", GEN_URI: "URI", GEN_IPADD: "IP"][kind] else { return nil }
            let string = unsafe value.assumingMemoryBound(to: ASN1_STRING.self)
            let bytes = unsafe Array(UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
            if kind == GEN_IPADD { return SocketAddress(bytes: bytes, port: 0).map { "\(label):\($0.host)" } }
            guard !bytes.isEmpty, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
            return "\(label):\(String(decoding: bytes, as: UTF8.self))"
        }
    }
}
