using System.Buffers;
using System.Globalization;
using Holi.Client;
using Holi.Client.Engine;
using Holi.Simulation.Device;
using Holi.Simulation.Proof;
using Holi.Wire.Payloads;

namespace Holi.Simulation.Scenarios;

/// <summary>What people do with their devices. Everything that can carry one carries a number that no other command has.</summary>
internal sealed class Deeds(Run run)
{
    private int _last;

    /// <summary>Who queued the command with this number.</summary>
    public Dictionary<int, (string Copy, int Lineage)> Origins { get; } = [];

    /// <summary>Commands whose effect carries their number.</summary>
    public HashSet<int> Numbered { get; } = [];

    /// <summary>The number in a text of ours; 0 where there is none.</summary>
    public static int NumberIn(string? text)
    {
        if (text is null || !text.StartsWith('#'))
            return 0;
        var end = text.IndexOf(' ', StringComparison.Ordinal);
        return int.Parse(end < 0 ? text.AsSpan(1) : text.AsSpan(1, end - 1), CultureInfo.InvariantCulture);
    }

    public void Do(SimDevice device, ScenarioStep step)
    {
        if (!device.IsRunning)
            return;
        switch (step.Kind)
        {
            case StepKind.Create:
                Create(device, step);
                break;
            case StepKind.Watch:
                device.App.Watch(Topic(device, step), step.B % 4 != 0);
                break;
            case StepKind.Type:
                device.Input((engine, now) => engine.Signal(Topic(device, step), 1, new TypingSignal(step.B % 4 != 0).ToBytes(), now));
                break;
            case StepKind.History:
                device.Input((engine, now) => engine.AskHistory(new HistoryQuestion(Topic(device, step), (ulong)(step.B % 5) * 2, 1 + (step.B % 7)), now));
                break;
            case StepKind.Foreground or StepKind.Background:
                device.Input((engine, now) => engine.SetForeground(step.Kind == StepKind.Foreground, now));
                break;
            case StepKind.ConnectNow:
                device.Input((engine, now) => engine.ConnectNow(now));
                break;
            default:
                Command(device, step);
                break;
        }
    }

    private void Create(SimDevice device, ScenarioStep step)
    {
        var others = new List<NewMember>();
        for (var person = 0; person < run.Scenario.Sizes.People; person++)
        {
            if ((step.B >> person) % 2 == 0 && Run.UserName(person) != device.User)
                others.Add(new NewMember(Run.UserName(person), (MemberRole)((step.B >> (person + 1)) % 4)));
        }
        if (run.Scenario.Sizes.Tenants > 1)
            run.Saw(Sight.OtherTenantSameName);
        var id = ++_last;
        Origins.Add(id, device.DiskName);
        Numbered.Add(id);
        device.App.Send($"conversation/c{step.A % 4}", MessageTypes.ConversationCreate, new ConversationCreate(Marked(id), others).ToBytes(), id);
    }

    private void Command(SimDevice device, ScenarioStep step)
    {
        var topic = Topic(device, step);
        var id = ++_last;
        var (type, payload) = step.Kind switch
        {
            StepKind.Post => (MessageTypes.MessagePost, new MessagePost(Marked(id), step.B % 8 == 0 ? Target(device, topic, step) : null, null, null).ToBytes()),
            StepKind.BigPost => (MessageTypes.MessagePost, new MessagePost(Marked(id) + new string('x', 300 << (step.B % 8)), null, null, null).ToBytes()),
            StepKind.Mark => (MessageTypes.ReadMark, new ReadMark(Head(device, topic, step)).ToBytes()),
            StepKind.React => (MessageTypes.MessageReact, new MessageReact(Target(device, topic, step), Marked(id), step.B % 2 == 0).ToBytes()),
            StepKind.Edit => (MessageTypes.MessageEdit, new MessageEdit(Target(device, topic, step), Marked(id)).ToBytes()),
            StepKind.Delete => (MessageTypes.MessageDelete, new MessageDelete(Target(device, topic, step)).ToBytes()),
            StepKind.Add => (MessageTypes.MemberAdd, new MemberAdd(Person(step), (MemberRole)(step.B % 4)).ToBytes()),
            StepKind.Remove => (MessageTypes.MemberRemove, new MemberRemove(Person(step)).ToBytes()),
            StepKind.Role => (MessageTypes.MemberRole, new MemberRoleChange(Person(step), (MemberRole)(step.B % 4)).ToBytes()),
            StepKind.Leave => (MessageTypes.ConversationLeave, new byte[] { 0x90 }),
            _ => (MessageTypes.ConversationRename, new ConversationRename(Marked(id)).ToBytes()),
        };
        Origins.Add(id, device.DiskName);
        if (step.Kind is StepKind.Post or StepKind.BigPost or StepKind.React or StepKind.Edit or StepKind.Rename)
            Numbered.Add(id);
        device.App.Send(topic, type, payload, id);
    }

    private string Person(ScenarioStep step) => Run.UserName(step.B / 4 % run.Scenario.Sizes.People);

    private static string Marked(int id) => string.Create(CultureInfo.InvariantCulture, $"#{id} ");

    // Mostly one that the device knows; sometimes one that may not exist, or not be theirs.
    private static string Topic(SimDevice device, ScenarioStep step)
    {
        var known = device.Disk.Topics.Values.Where(t => t.Topic.Name.StartsWith("conversation/", StringComparison.Ordinal)).ToArray();
        return step.A == 7 || known.Length == 0 ? $"conversation/c{step.B % 5}" : known[step.A % known.Length].Topic.Name;
    }

    private static ulong Head(SimDevice device, string topic, ScenarioStep step) =>
        device.Disk.Topics.TryGetValue(topic, out var kept) && kept.Topic.Cursor > 0
            ? Math.Max(1, kept.Topic.Cursor - (ulong)Math.Min(step.B % 4, (int)kept.Topic.Cursor - 1))
            : 1;

    private static ulong Target(SimDevice device, string topic, ScenarioStep step)
    {
        if (!device.Disk.Topics.TryGetValue(topic, out var kept))
            return 1;
        var posts = kept.Events.Values.Where(e => e.Type == MessageTypes.MessagePost && (step.Kind != StepKind.Edit || e.Member == kept.Topic.Member)).ToArray();
        return posts.Length == 0 ? (ulong)(1 + (step.B % 4)) : posts[^(1 + (step.B % posts.Length))].Offset;
    }
}
