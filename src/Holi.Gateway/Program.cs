// The gateway's entry point. What can be typed is in Ops/CommandLine.cs; what a gateway is made of, in Connections/GatewayNode.cs.

using System.CommandLine;
using Holi.Gateway.Ops;

// Signals are the server's to handle: it drains first.
return await CommandLine.Build().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
