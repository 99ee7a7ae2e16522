/// Which data connection carries a transfer: a new one, or in block mode the one that is open.
import FTPProtocol
import Transport

/// What MODE B and OPTS MODE arranged, and what runs under it.
struct BlockModeState {
    var isOn = false
    /// The client sends the file of each STOR without waiting for a reply, even to one that is refused.
    var isPipelining = false
    /// Open between two transfers.
    var channel: BlockChannel?
    var commits = PendingCommits()
}

/// The way to the channel of the next transfer.
enum ChannelPlan: Sendable {
    case open(BlockChannel)
    case new(DataPlan)

    /// RFC 959 §5.4: 125 when the data connection is open already.
    var preliminaryCode: Int {
        switch self {
        case .open: 125
        case .new: 150
        }
    }
}

extension ControlSession {
    /// Nil when the client has not arranged a data connection. The plan is used up by the transfer; a command that is refused leaves
    /// it: a client that has connected already would take a reset for the reason.
    func takeChannelPlan() -> ChannelPlan? {
        if let channel = blockMode.channel {
            blockMode.channel = nil
            return .open(channel)
        }
        if case .passive(let passive) = dataPlan, passive.isExpired { dataPlan = .none }
        if case .none = dataPlan { return nil }
        defer { dataPlan = .none }
        return .new(dataPlan)
    }

    static let noDataConnection = Reply(425, "Send PASV, EPSV, PORT or EPRT first; a port to which nobody connects is closed after a while")

    func openChannel(_ plan: ChannelPlan, for transfer: Transfer) async -> Result<any TransferChannel, DataFailure> {
        switch plan {
        case .open(let channel):
            transfer.use(channel.connection)
            return .success(channel)
        case .new(let plan):
            transfer.use(plan)
            let isBlockMode = blockMode.isOn
            return await openDataConnection(plan, for: transfer).map { connection -> any TransferChannel in
                isBlockMode ? BlockChannel(connection) : StreamChannel(connection)
            }
        }
    }

    /// The file went well: the channel waits for the next one, if it can carry more.
    func keep(_ channel: any TransferChannel, of transfer: Transfer) {
        guard let channel = channel as? BlockChannel, !channel.connection.isClosed else { return }
        transfer.release()
        blockMode.channel = channel
    }

    /// Ends the data connection that waits for a further file, as RFC 959 §3.3 has it when the client arranges another one.
    func closeIdleChannel() async {
        guard let channel = blockMode.channel else { return }
        blockMode.channel = nil
        try? await channel.connection.finish(timeout: .seconds(1))
        channel.connection.close()
    }

    /// Gives up whatever a further transfer could use.
    func closeDataConnections() async {
        dataPlan.cancel()
        dataPlan = .none
        await closeIdleChannel()
    }

    /// Waits until all uploads of a pipelined run are on the ledger, or have failed, and their replies are given.
    func settleCommits() async {
        for task in blockMode.commits.takeAll() { await task.value }
    }
}
