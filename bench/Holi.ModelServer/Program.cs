// A model server that is none: it speaks Anthropic's Messages API and OpenAI's Chat Completions, answers with a note made of the patient's own sentences, and
// misbehaves on command (Behaviour.cs). It remembers what it was sent, so that tests can look what left the building.
//
//   dotnet run --project bench/Holi.ModelServer -- --urls http://127.0.0.1:1234
//   curl -X POST http://127.0.0.1:1234/control -d '{"always": "status 529"}'
//
// With --answer FILE it answers with that, and calls itself --model NAME.

using Holi.ModelServer;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 16 << 20);
var app = builder.Build();
var control = new Control(app.Configuration["answer"] is { } file ? await File.ReadAllTextAsync(file) : null, app.Configuration["model"]);
app.MapPost("/control", control.SetAsync);
app.MapGet("/control/requests", control.RequestsAsync);
app.MapPost("/v1/messages", context => new MessagesApi(control).ServeAsync(context));
app.MapPost("/v1/chat/completions", context => new ChatApi(control).ServeAsync(context));
app.MapGet("/v1/models", context => Models.ServeAsync(context, control));
await app.StartAsync();
Console.WriteLine($"listening {app.Urls.First()}");
await app.WaitForShutdownAsync();
