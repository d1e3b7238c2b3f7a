// A chat in the terminal that embeds Holi.Client: the way an app does it, from top to bottom.
//   1. find a gateway          Gateways/    (an app is told its address)
//   2. open the device         Device/      options, token, key, store: then everything works, with or without a network
//   3. enter a conversation    Rooms/
//   4. show and send           ChatLoop.cs, Screens/

using System.Runtime.InteropServices;
using System.Text;
using Holi.Chat;
using Holi.Chat.Device;
using Holi.Chat.Gateways;
using Holi.Chat.Rooms;
using Holi.Chat.Screens;
using Holi.Client;

Console.OutputEncoding = Encoding.UTF8;
if (!ChatOptions.TryParse(args, out var options, out var problem))
{
    Console.Error.WriteLine(problem);
    return problem == ChatOptions.Usage ? 0 : 2;
}

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

try
{
    var time = TimeProvider.System;
    await using var gateway = await LocalGateway.FindOrStartAsync(options, time, Console.Error.WriteLine, stop.Token);
    await using var device = await ChatDevice.OpenAsync(options, time, stop.Token);
    var room = Room.Of(options, device.Client);
    using (var screen = options.IsPlain ? (IScreen)new PlainScreen(time) : new FullScreen(time))
        await new ChatLoop(device, room, screen, time).RunAsync(stop.Token);
    if (device.Client.Status.QueuedCommands is > 0 and var left)
        Console.Error.WriteLine($"{left} still queued on this device: sent when {device.Client.User} is back.");
    if (gateway is not null)
        Console.Error.WriteLine("The gateway that this chat started ends with it.");
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 0;
}
catch (Exception e) when (e is DeviceStoreException or GatewayMissingException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
