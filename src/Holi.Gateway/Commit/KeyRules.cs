using System.Buffers;
using Holi.Gateway.Storage;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Commit;

/// <summary>
/// What each input needs to see. A command that will be refused loads the same as one that will not: how long the answer takes must not
/// tell whether a topic exists.
/// </summary>
internal static class KeyRules
{
    public static void Collect(BatchKeys keys, CommitInput input)
    {
        switch (input)
        {
            case SubmitCommand command:
                Command(keys, command);
                break;
            case OpenDevice open:
                keys.Devices.Add(open.Key);
                Own(keys, open.Key.Tenant, open.Key.User);
                if (open.Generation == 0)
                    keys.DeviceCounts.Add((open.Key.Tenant, open.Key.User));
                break;
            case SubmitDelivered delivered:
                Member(keys, delivered.Topic, delivered.User);
                break;
            case SubmitPublication publication:
                keys.Publications.Add(publication.Key);
                Target(keys, publication.Key.Tenant, publication.TopicName);
                break;
            case CancelPublication cancel:
                keys.Publications.Add(cancel.Key);
                break;
            case DeliverScheduled due:
                keys.Due.Add(due.Waiting.Key);
                Target(keys, due.Waiting.Key.Tenant, due.Waiting.TopicName);
                break;
        }
    }

    private static void Command(BatchKeys keys, SubmitCommand command)
    {
        var topic = new TopicKey(command.Key.Tenant, command.TopicName);
        keys.Devices.Add(command.Key);
        Member(keys, topic, command.Key.User);
        // A refused command is told in the person's own topic.
        Own(keys, command.Key.Tenant, command.Key.User);
        if (command.FirstGeneration != 0)
            keys.FirstIdentities.Add(command.First());
        Named(keys, topic, command);
    }

    private static void Named(BatchKeys keys, TopicKey topic, SubmitCommand command)
    {
        var payload = new ReadOnlySequence<byte>(command.Payload);
        switch (command.Type)
        {
            case MessageTypes.MessageReact when MessageReact.TryRead(payload, out var react):
                keys.Events.Add((topic, react.Offset));
                break;
            case MessageTypes.MessageEdit when MessageEdit.TryRead(payload, out var edit):
                keys.Events.Add((topic, edit.Offset));
                break;
            case MessageTypes.MessageDelete when MessageDelete.TryRead(payload, out var delete):
                keys.Events.Add((topic, delete.Offset));
                keys.Edited.Add((topic, delete.Offset));
                break;
            case MessageTypes.ConversationCreate when ConversationCreate.TryRead(payload, out var create):
                Member(keys, new TopicKey(topic.Tenant, TopicName.User(command.Key.User)), command.Key.User);
                foreach (var member in create.Members)
                    Own(keys, topic.Tenant, member.User);
                break;
            case MessageTypes.MemberAdd when MemberAdd.TryRead(payload, out var add):
                Person(keys, topic, command, add.User);
                break;
            case MessageTypes.MemberRemove when MemberRemove.TryRead(payload, out var remove):
                Person(keys, topic, command, remove.User);
                break;
            case MessageTypes.MemberRole when MemberRoleChange.TryRead(payload, out var role):
                Person(keys, topic, command, role.User);
                break;
            case MessageTypes.ConversationLeave:
                keys.WholeRosters.Add(topic);
                break;
        }
    }

    private static void Person(BatchKeys keys, TopicKey topic, SubmitCommand command, string user)
    {
        Member(keys, topic, user);
        Own(keys, topic.Tenant, user);
        // Who acts on themselves may be the last owner.
        if (user == command.Key.User)
            keys.WholeRosters.Add(topic);
    }

    private static void Target(BatchKeys keys, string tenant, string topicName)
    {
        keys.Topics.Add(new TopicKey(tenant, topicName));
        keys.Targets.Add(new TopicKey(tenant, topicName));
        // That an alert topic is made is told in the person's own.
        if (TopicName.TryParse(topicName, out var kind, out var user) && kind == TopicKind.Alert)
            Own(keys, tenant, user);
    }

    private static void Own(BatchKeys keys, string tenant, string user) => keys.Topics.Add(new TopicKey(tenant, TopicName.User(user)));

    private static void Member(BatchKeys keys, TopicKey topic, string user)
    {
        keys.Topics.Add(topic);
        keys.Members.Add((topic, user));
    }
}
