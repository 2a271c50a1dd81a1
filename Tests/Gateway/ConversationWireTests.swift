import Gateway
import Kernel
import Testing

/// Own server each, because they look at the last request.
@Suite("A conversation with a system message, an image, tools and their results")
struct ConversationWireTests {
    private static let messages: JSONValue = [
        ["role": "system", "content": [["type": "text", "text": "Be brief.", "cache": "1h"]]],
        [
            "role": "user",
            "content": [
                ["type": "text", "text": "Here?"],
                ["type": "image", "media_type": "image/png", "data_base64": "aVBORw=="],
            ],
        ],
        [
            "role": "assistant", "content": "",
            "tool_calls": [["id": "c1", "name": "weather", "arguments": ["city": "Bern"]]],
        ],
        ["role": "tool", "content": "rain", "tool_call_id": "c1"],
    ]

    private static let parameters: JSONValue = ["type": "object", "properties": ["city": ["type": "string"]]]

    /// What the server was sent for it.
    private func sent(_ adapter: Adapter) async throws -> JSONValue {
        let server = try await PythonServer.start("provider_server.py")
        let key = ProviderKeyEntry(id: "one", key: .closure { "sk-1" })
        let provider = try HTTPProvider(
            adapter.settings(port: server.port, credential: .keys([key])), client: CurlClient())
        let gateway = Gateway(
            providers: [provider], priceBook: .builtIn,
            settings: GatewaySettings(defaultProvider: "scripted", pricing: ["scripted": .free]))
        defer { gateway.close() }
        let options: JSONValue = [
            "tools": [["name": "weather", "description": "Looks.", "parameters": Self.parameters]],
            "tool_choice": ["tool": "weather"], "temperature_milli": 500,
        ]
        let call = try gateway.prepare(
            ModelRequest(
                model: adapter.model("stream"), messages: Self.messages.bytes, options: options.bytes,
                maximumOutputTokens: 50),
            attempt: "run/3/1", at: Instant(unixMilliseconds: 0))
        _ = try await gateway.perform(call) { _ in }
        return try await server.notes("last")
    }

    @Test("chat completions, and Azure's address for them", arguments: [Adapter.chat, .azure])
    func chat(adapter: Adapter) async throws {
        let last = try await sent(adapter)
        if adapter == .azure {
            #expect(last["path"] == "/openai/deployments/stream/chat/completions?api-version=2024-10-21")
            #expect(last["headers"]?["api-key"] == "sk-1")
        } else {
            #expect(last["headers"]?["authorization"] == "Bearer sk-1")
        }
        #expect(
            last["body"]?["messages"] == [
                ["role": "system", "content": "Be brief."],
                [
                    "role": "user",
                    "content": [
                        ["type": "text", "text": "Here?"],
                        ["type": "image_url", "image_url": ["url": "data:image/png;base64,aVBORw=="]],
                    ],
                ],
                [
                    "role": "assistant", "content": nil,
                    "tool_calls": [
                        [
                            "id": "c1", "type": "function",
                            "function": ["name": "weather", "arguments": #"{"city":"Bern"}"#],
                        ]
                    ],
                ],
                ["role": "tool", "content": "rain", "tool_call_id": "c1"],
            ])
        let function: JSONValue = ["name": "weather", "description": "Looks.", "parameters": Self.parameters]
        #expect(last["body"]?["tools"] == [["type": "function", "function": function]])
        #expect(last["body"]?["tool_choice"] == ["type": "function", "function": ["name": "weather"]])
    }

    @Test("the responses API")
    func responses() async throws {
        let body = try #require(try await sent(.responses)["body"])
        #expect(
            body["input"] == [
                ["role": "system", "content": "Be brief."],
                [
                    "role": "user",
                    "content": [
                        ["type": "input_text", "text": "Here?"],
                        ["type": "input_image", "image_url": "data:image/png;base64,aVBORw=="],
                    ],
                ],
                ["type": "function_call", "call_id": "c1", "name": "weather", "arguments": #"{"city":"Bern"}"#],
                ["type": "function_call_output", "call_id": "c1", "output": "rain"],
            ])
        #expect(
            body["tools"] == [
                [
                    "type": "function", "name": "weather", "description": "Looks.", "parameters": Self.parameters,
                    "strict": false,
                ]
            ])
        #expect(body["store"] == false && body["max_output_tokens"] == 50)
    }

    @Test("Anthropic's messages: instructions aside, a kept prefix, results as the user's")
    func anthropic() async throws {
        let last = try await sent(.anthropic)
        #expect(last["headers"]?["x-api-key"] == "sk-1")
        #expect(last["headers"]?["anthropic-version"] == "2023-06-01")
        #expect(
            last["body"] == [
                "model": "stream", "max_tokens": 50, "stream": true, "temperature": .double(0.5),
                "system": [
                    [
                        "type": "text", "text": "Be brief.", "cache_control": ["type": "ephemeral", "ttl": "1h"],
                    ]
                ],
                "messages": [
                    [
                        "role": "user",
                        "content": [
                            ["type": "text", "text": "Here?"],
                            [
                                "type": "image",
                                "source": ["type": "base64", "media_type": "image/png", "data": "aVBORw=="],
                            ],
                        ],
                    ],
                    [
                        "role": "assistant",
                        "content": [["type": "tool_use", "id": "c1", "name": "weather", "input": ["city": "Bern"]]],
                    ],
                    [
                        "role": "user",
                        "content": [
                            [
                                "type": "tool_result", "tool_use_id": "c1",
                                "content": [["type": "text", "text": "rain"]],
                            ]
                        ],
                    ],
                ],
                "tools": [["name": "weather", "description": "Looks.", "input_schema": Self.parameters]],
                "tool_choice": ["type": "tool", "name": "weather"],
            ])
    }

    /// The body is one that botocore's validator takes for `ConverseStream`.
    @Test("Bedrock's Converse, with the model's colon encoded")
    func bedrock() async throws {
        let last = try await sent(.bedrock)
        #expect(last["path"] == "/model/stream%3A0/converse-stream")
        #expect(last["headers"]?["authorization"] == "Bearer sk-1")
        #expect(
            last["body"] == [
                "system": [["text": "Be brief."], ["cachePoint": ["type": "default", "ttl": "1h"]]],
                "inferenceConfig": ["maxTokens": 50, "temperature": .double(0.5)],
                "messages": [
                    [
                        "role": "user",
                        "content": [
                            ["text": "Here?"], ["image": ["format": "png", "source": ["bytes": "aVBORw=="]]],
                        ],
                    ],
                    [
                        "role": "assistant",
                        "content": [
                            ["toolUse": ["toolUseId": "c1", "name": "weather", "input": ["city": "Bern"]]]
                        ],
                    ],
                    [
                        "role": "user",
                        "content": [["toolResult": ["toolUseId": "c1", "content": [["text": "rain"]]]]],
                    ],
                ],
                "toolConfig": [
                    "tools": [
                        [
                            "toolSpec": [
                                "name": "weather", "description": "Looks.", "inputSchema": ["json": Self.parameters],
                            ]
                        ]
                    ],
                    "toolChoice": ["tool": ["name": "weather"]],
                ],
            ])
    }
}
