// A folder of its own for each test.
import Foundation

/// Removed with all that is in it when its owner lets go.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/record-store-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Every file below a folder of this one.
    func files(_ name: String) -> [String] {
        let enumerator = FileManager.default.enumerator(atPath: path + "/" + name)
        let names = enumerator?.compactMap { $0 as? String } ?? []
        return names.filter { file in
            var isFolder: ObjCBool = false
            return unsafe FileManager.default.fileExists(atPath: path + "/" + name + "/" + file, isDirectory: &isFolder) && !isFolder.boolValue
        }
    }

    func permissions(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path + "/" + name)[.posixPermissions] as? Int
    }
}
