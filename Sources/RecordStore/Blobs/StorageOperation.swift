// The calls to the disk by name, and the seam at which tests make them fail.

/// One kind of call to the disk.
package enum StorageOperation: String, CaseIterable, Sendable {
    case create, open, read, write
    case synchronizeFile = "synchronize"
    case synchronizeDirectory = "synchronize folder"
    case rename, remove, list
}

/// How a call shall fail.
package enum InjectedFault: Sendable {
    /// The call is not made and gives this `errno`.
    case fails(Int32)
    /// The call is made, and gives this `errno` all the same.
    case doneButFails(Int32)
    /// A write takes only so many bytes; other calls are not changed.
    case short(Int)
}

/// Asked before each call; nil lets it pass.
package typealias FaultInjector = @Sendable (StorageOperation) -> InjectedFault?
