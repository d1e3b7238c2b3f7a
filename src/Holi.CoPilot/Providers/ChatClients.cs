using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using Anthropic;
using Holi.CoPilot.Providers.Anthropic;
using Holi.CoPilot.Providers.OpenAi;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Holi.CoPilot.Providers;

/// <summary>
/// Makes what speaks to a provider. The libraries' own retries and timeouts are off: those are decided in one place, for all of them.
/// </summary>
internal static class ChatClients
{
    // Servers in a building ask for no key, but the library sends one.
    private const string NoKey = "none";

    public static IChatClient Of(ProviderOptions options, string model, HttpClient http) => options.Api switch
    {
        ProviderApi.OpenAi => OpenAi(options, model, http),
        // Anthropic's library binds JSON by reflection, which a native binary does not have. There, and only there, the condition is false at compile time, and the
        // library is left out of the binary.
        _ when RuntimeFeature.IsDynamicCodeSupported && options.UsesLibrary => AnthropicLibrary(options, model, http),
        _ => new MessagesClient(http, options.Endpoint, options.Key ?? "", model),
    };

    private static IChatClient OpenAi(ProviderOptions options, string model, HttpClient http)
    {
        var settings = new OpenAIClientOptions
        {
            Endpoint = options.Endpoint,
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            EnableDistributedTracing = false,
        };
        var client = new OpenAIClient(new ApiKeyCredential(options.Key ?? NoKey), settings).GetChatClient(model).AsIChatClient();
        return options.Place == ProviderPlace.Local ? new MaxTokensChat(client) : client;
    }

    private static IChatClient AnthropicLibrary(ProviderOptions options, string model, HttpClient http) => new AnthropicClient
    {
        BaseUrl = options.Endpoint.ToString().TrimEnd('/'),
        ApiKey = options.Key ?? "",
        HttpClient = http,
        MaxRetries = 0,
        Timeout = Timeout.InfiniteTimeSpan,
    }.AsIChatClient(model);
}
