import HTTPTypes
import Hummingbird
import NIOCore

/// What the server knows of a request besides its bytes.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Of the client; of the proxy, where one that is not trusted stands before it.
    var peer: SocketAddress?
    /// The client's name for the request, or the host's own.
    var requestID = ""
    /// How long its body may be, as the transport is set.
    var maximumBodyBytes = BodyReader.usualBytes
    /// How often a stream asks whether its reader may read on.
    var recheckSeconds: Int64 = 60

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress
    }
}

/// Two modules know an `HTTPRequest`; Hummingbird's router speaks of this one.
typealias HTTPMethod = HTTPTypes.HTTPRequest.Method
