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
        var mediaType = "application/json"
    }

    struct Answer: Sendable {
        var status: Int
        var summary: String
        /// Nil: no content, or not JSON.
        var schema: JSONValue?
        var mediaType: String? = "application/json"
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
    /// Refused to keys and services: a person must be there.
    var isForPeople = false
    /// The caller must have proved to be there a short while ago.
    var needsRecentProof = false

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

extension Operation.Parameter {
    static func query(_ name: String, _ summary: String, _ schema: JSONValue, isRequired: Bool = false) -> Self {
        Self(name: name, place: .query, summary: summary, schema: schema, isRequired: isRequired)
    }

    static func path(_ name: String, _ summary: String, _ schema: JSONValue = ["type": "string"]) -> Self {
        Self(name: name, place: .path, summary: summary, schema: schema, isRequired: true)
    }

    static func header(_ name: String, _ summary: String, _ schema: JSONValue = ["type": "string"]) -> Self {
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

    static func noContent(_ summary: String) -> Self {
        Self(status: 204, summary: summary, schema: nil, mediaType: nil)
    }
}
