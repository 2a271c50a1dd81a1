import Greeter
import PluginTesting
import Testing

@Test("greets by name, and counts once however often the run is repeated")
func greets() async throws {
    let harness = try TaskHarness(Greeter.self)
    let greeting: Greeting = try await harness.run("greet", input: GreetInput(name: "Ada"))
    #expect(greeting.text == "Hello, Ada")
    let again: Greeting = try await harness.replay()
    #expect(again.count == greeting.count && harness.performedEffects == 0)
}
