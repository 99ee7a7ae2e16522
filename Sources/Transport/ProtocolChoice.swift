/// Which application protocol a server agrees to (ALPN, RFC 7301): FTP's, so that no client of another protocol can be led here (ALPACA).
private import COpenSSL

enum ProtocolChoice {
    static func install(_ context: OpaquePointer) {
        unsafe SSL_CTX_set_alpn_select_cb(context, selectProtocol, nil)
    }
}

/// A control connection is `ftp`, a data connection `ftp-data`, or `ftp` for clients that name one for both; whoever offers only others gets an alert.
/// Clients that offer none are the most, and taken as they are.
private func selectProtocol(
    _ ssl: OpaquePointer?, _ out: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ outLength: UnsafeMutablePointer<UInt8>?,
    _ offered: UnsafePointer<UInt8>?, _ offeredLength: UInt32, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let ssl = unsafe ssl, let out = unsafe out, let outLength = unsafe outLength, let offered = unsafe offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    let list = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredLength))
    let isControl = unsafe TicketBinding.of(ssl)?.own != nil
    for accepted in isControl ? ["ftp"] : ["ftp-data", "ftp"] {
        var index = 0
        while index < list.count {
            let length = Int(unsafe list[index])
            guard index + 1 + length <= list.count else { break }
            if unsafe list[(index + 1)..<(index + 1 + length)].elementsEqual(accepted.utf8) {
                unsafe out.pointee = offered + index + 1
                unsafe outLength.pointee = UInt8(length)
                return SSL_TLSEXT_ERR_OK
            }
            index += 1 + length
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}
