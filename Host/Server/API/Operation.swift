import Hummingbird
import Kernel

/// One route as documentation, checks of rights and clients see it. A route exists only as an operation: what is not
/// described here is not served, so the OpenAPI document and the table of rights cannot differ from what runs.
struct Operation: Sendable {
    enum Access: Sendable {
        /// Anybody, without credentials.
        case open
        /// Anybody who is somebody: what concerns only the caller.
        case signedIn
        /// Whoever has the permission, for everything of the tenant or (`read_team`, `read_own`) a part of it: the
        /// handler goes by ``Principal/reach(_:_:)``.
        case needs(Resource, Verb)
    }

    enum Place: String, Sendable { case path, query, header }

    struct Parameter: Sendable {
        var name: String
        var place: Place
        var summary: String
        /// A JSON Schema: texts are read as what its `type` says before they are checked.
        var schema: JSONValue
        var isRequired = false
    }

    struct Body: Sendable {
        var schema: JSONValue
        /// What no body at all means; nil: it is refused.
        var missing: JSONValue?
        /// The handler reads it, in a form of its own: here it is only described.
        var isRead = true
        var example: JSONValue?
    }

    struct Answer: Sendable {
        var status: Int
        var summary: String
        /// Nil: no content, or not JSON.
        var schema: JSONValue?
        var mediaType: String? = "application/json"
        /// Other forms that `Accept` may ask for.
        var otherMediaTypes: [String] = []
    }

    /// `jobs.cancel`: what tests, limits, metrics and usage reports call it. Never changes.
    var id: String
    var method: HTTPMethod
    /// `/jobs/{id}/cancel`; `**` at the end takes the rest of a path.
    var path: String
    var summary: String
    var tag: String
    var access: Access
    var parameters: [Parameter] = []
    var body: Body?
    /// What it answers when it does what was asked; problems are the same for all.
    var answers: [Answer]
    /// Refused to keys, tokens and services: a person must have signed in.
    var isForPeople = false
    /// The caller must have proved to be there a short while ago.
    var needsRecentProof = false
    /// Where that is asked of people: services, which cannot prove it, go by their rights alone.
    var letsServicesPass = false
    /// Admits also who may run tasks of some department: the handler asks ``Principal/mayRun(department:)``.
    var isByDepartment = false
    /// Refused to whoever belongs to a tenant: it is about the whole host.
    var isForOperators = false
    /// Creates something: a request that says `Idempotency-Key` is done once, and answered as often as it is sent.
    var takesKey = false
    /// False for paths that a protocol of others fixes.
    var isVersioned = true
    /// Says refusals in the words of a protocol of others; nil: problem details.
    var refusal: (@Sendable (Problem) -> Response)?
    /// What `**` in the path is called.
    var rest: String?

    init(
        _ id: String, _ method: HTTPMethod, _ path: String, _ summary: String, tag: String, access: Access,
        parameters: [Parameter] = [], body: Body? = nil, answers: [Answer]
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.summary = summary
        self.tag = tag
        self.access = access
        self.parameters = parameters
        self.body = body
        self.answers = answers
    }
}

extension Operation {
    func forOperators() -> Operation { with { $0.isForOperators = true } }
    func forPeople() -> Operation { with { $0.isForPeople = true } }
    func byDepartment() -> Operation { with { $0.isByDepartment = true } }
    func keyed() -> Operation { with { $0.takesKey = true } }

    /// - Parameter orService: services, which cannot prove to be there, pass by their rights.
    func proved(orService: Bool = false) -> Operation {
        with {
            $0.needsRecentProof = true
            $0.letsServicesPass = orService
        }
    }

    /// - Parameters:
    ///   - name: of what stands for `**`.
    func taking(rest name: String, _ summary: String, _ schema: JSONValue = Schema.text(200)) -> Operation {
        with {
            $0.rest = name
            $0.parameters.insert(.path(name, summary, schema), at: 0)
        }
    }

    private func with(_ change: (inout Operation) -> Void) -> Operation {
        var copy = self
        change(&copy)
        return copy
    }

    /// What these are about has no owner within its tenant, so that nobody has a part of it of their own: `read_own`
    /// and its like open nothing here.
    private static let ownerless: Set<Resource> = [.webhooks, .triggers, .subjects, .oversight]
    private static let ownerlessOperations = ["events.groups.", "events.letters.", "messages."]

    var isOwnerless: Bool {
        guard case .needs(let resource, _) = access else { return false }
        return Self.ownerless.contains(resource) || Self.ownerlessOperations.contains { id.hasPrefix($0) }
    }

    /// As documents write it.
    var template: String { path.replacing("**", with: "{\(rest ?? "rest")}") }

    var mediaTypes: Set<String> {
        Set(answers.flatMap { [$0.mediaType].compactMap(\.self) + $0.otherMediaTypes })
    }
}

extension Operation.Body {
    static func json(_ schema: JSONValue, missing: JSONValue? = nil, example: JSONValue? = nil) -> Self {
        Self(schema: schema, missing: missing, example: example)
    }
}

extension Operation.Parameter {
    static func query(_ name: String, _ summary: String, _ schema: JSONValue, isRequired: Bool = false) -> Self {
        Self(name: name, place: .query, summary: summary, schema: schema, isRequired: isRequired)
    }

    static func path(_ name: String, _ summary: String, _ schema: JSONValue = Schema.text(200)) -> Self {
        Self(name: name, place: .path, summary: summary, schema: schema, isRequired: true)
    }

    static func header(_ name: String, _ summary: String, _ schema: JSONValue = Schema.text(200)) -> Self {
        Self(name: name, place: .header, summary: summary, schema: schema)
    }
}

extension Operation.Answer {
    static func ok(_ summary: String, _ schema: JSONValue? = nil) -> Self {
        Self(status: 200, summary: summary, schema: schema)
    }

    static func created(_ summary: String, _ schema: JSONValue? = nil) -> Self {
        Self(status: 201, summary: summary, schema: schema)
    }

    static func accepted(_ summary: String, _ schema: JSONValue? = nil) -> Self {
        Self(status: 202, summary: summary, schema: schema)
    }

    /// Not JSON.
    static func content(_ summary: String, _ mediaType: String) -> Self {
        Self(status: 200, summary: summary, schema: nil, mediaType: mediaType)
    }

    static func noContent(_ summary: String) -> Self {
        Self(status: 204, summary: summary, schema: nil, mediaType: nil)
    }
}
