/// The quotas of accounts and folders as they hold, with the bound on the disk that follows from that on bytes.
package import Authentication
package import RecordStore

extension Configuration.Limits {
    package func quota(of limits: AccountLimits) -> Quota {
        Quota(bytes: limits.quotaBytes, files: limits.quotaFiles, disk: limits.quotaDisk ?? diskBound(bytes: limits.quotaBytes))
    }

    package func quota(of rules: FolderRules) -> Quota {
        Quota(bytes: rules.quota.bytes, files: rules.quota.files, disk: diskBound(bytes: rules.quota.bytes))
    }

    private func diskBound(bytes: UInt64?) -> UInt64? {
        guard let bytes, disk_factor > 0 else { return nil }
        let (bound, overflows) = bytes.multipliedReportingOverflow(by: UInt64(disk_factor))
        return overflows ? nil : bound
    }
}
