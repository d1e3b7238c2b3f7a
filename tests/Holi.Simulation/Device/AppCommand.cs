using Holi.Client.Engine;
using Holi.Wire;

namespace Holi.Simulation.Device;

/// <summary>A command as its app knows it: forgotten with the app's process, unlike the command.</summary>
internal sealed class AppCommand(int id, QueueRequest request)
{
    public int Id => id;

    public QueueRequest Request => request;

    public bool IsKept { get; set; }

    public HoliCode? Answer { get; set; }
}
