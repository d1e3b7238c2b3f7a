// The gateway's entry point: reads the options, starts the server, stops it in order.

var builder = WebApplication.CreateSlimBuilder(args);
await using var app = builder.Build();
await app.RunAsync();
