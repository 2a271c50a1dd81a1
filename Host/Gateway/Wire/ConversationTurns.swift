import Kernel

/// A conversation as Anthropic and Bedrock want it: instructions aside, user and assistant in turns, and the results of
/// tools as the user's.
struct ConversationTurns {
    struct Turn {
        var isAssistant: Bool
        var messages: [ChatMessage]
    }

    private(set) var system: [ChatMessage] = []
    private(set) var turns: [Turn] = []

    init(_ messages: [ChatMessage]) {
        for message in messages {
            guard message.role != .system else {
                system.append(message)
                continue
            }
            let isAssistant = message.role == .assistant
            if let last = turns.last, last.isAssistant == isAssistant {
                turns[turns.count - 1].messages.append(message)
            } else {
                turns.append(Turn(isAssistant: isAssistant, messages: [message]))
            }
        }
    }
}
