using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Holi.Gateway.Tests.Connections.Sockets;
using static Holi.Gateway.Tests.Ingress.PublishingBackend;

namespace Holi.Gateway.Tests.Ingress;

/// <summary>Whatever is posted: a clear answer, no crash, and nothing of it repeated.</summary>
public sealed class PublishBadInputTests : IAsyncLifetime
{
    private const string Marker = "MARKER-51c2";

    private RunningGateway _gateway = null!;
    private PublishingBackend _lab = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _gateway = await RunningGateway.StartAsync();
        _lab = new PublishingBackend(_gateway);
    }

    public async ValueTask DisposeAsync()
    {
        (await _lab.PublishAsync(Alert("still-here"))).Status.ShouldBe(HttpStatusCode.OK);
        _lab.Dispose();
        await _gateway.DisposeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("[]")]
    [InlineData("\"MARKER-51c2\"")]
    [InlineData("{\"key\":\"MARKER-51c2")]
    [InlineData("{MARKER-51c2}")]
    [InlineData("""{"items":null}""")]
    [InlineData("""{"items":[]}""")]
    [InlineData("""{"items":{}}""")]
    [InlineData("""{"items":[],"MARKER-51c2":1}""")]
    [InlineData("""{"key":"a","key":"b"}""")]
    [InlineData("""{"items":[{"key":"a","key":"b"}]}""")]
    [InlineData("""{"key":"a","content":{"title":"T","title":"U"}}""")]
    public async Task A_body_that_is_no_publication_is_refused_as_a_whole(string body)
    {
        var reply = await _lab.PublishAsync(body);
        (reply.Status, reply.Code, reply.MediaType).ShouldBe((HttpStatusCode.BadRequest, 4606, "application/problem+json"));
        reply.Text.ShouldNotContain(Marker);
    }

    [Theory]
    [InlineData("""{}""", 4606)]
    [InlineData("""{"key":"a","MARKER-51c2":1}""", 4606)]
    [InlineData("""{"key":"MARKER-51c2 "}""", 4606)]
    [InlineData("""{"key":"a\u0000"}""", 4606)]
    [InlineData("""{"key":"\ud800"}""", 4606)]
    [InlineData("""{"key":"a","target":"user/ana","kind":"MARKER-51c2","content":{"title":"T"}}""", 4609)]
    [InlineData("""{"key":"a","target":"MARKER-51c2","kind":"notification","content":{"title":"T"}}""", 4606)]
    [InlineData("""{"key":"a","target":"user/ana","kind":"notification","content":"MARKER-51c2"}""", 4606)]
    [InlineData("""{"key":"a","target":"user/ana","kind":"notification","content":null}""", 4606)]
    [InlineData("""{"key":"a","target":"user/ana","kind":"notification","content":{"title":"MARKER-51c2\u0000"}}""", 4606)]
    [InlineData("""{"key":"a","target":"user/ana","kind":"notification","content":{"title":"MARKER-51c2\udfff"}}""", 4606)]
    [InlineData("""{"key":"a","target":"user/ana","kind":"notification","payload":"MARKER-51c2!"}""", 4606)]
    [InlineData("""{"key":"a","target":"user/ana","kind":"notification","payload":"k6E="}""", 4606)]
    [InlineData("""{"key":"a","target":"user/ana","kind":"notification","content":{"title":"T"},"priority":"9"}""", 4606)]
    [InlineData("""{"key":"a","target":"user/ana","kind":"notification","content":{"title":"T"},"priority":1e400}""", 4606)]
    [InlineData("""{"key":"a","target":"user/ana","kind":"notification","content":{"title":"T"},"deliverAt":"2026-01-01T00:00:00Z"}""", 4606)]
    [InlineData("""{"key":"a","target":"user/ana","kind":"notification","content":{"title":"T"},"v":2}""", 4609)]
    public async Task What_is_wrong_with_one_publication_is_said_and_never_repeated(string item, int code)
    {
        var alone = await _lab.PublishAsync(item);
        (alone.Status, alone.Code, alone.Result).ShouldBe((HttpStatusCode.UnprocessableEntity, code, "refused"));
        var beside = await _lab.PublishAsync($$"""{"items":[{{item}},{{Alert("good")}}]}""");
        beside.Items.ShouldBe([$"refused {code}", "committed user/ana 1"]);
        (alone.Text + beside.Text).ShouldNotContain(Marker);
    }

    [Fact]
    public async Task Deep_json_is_refused_before_it_costs_anything()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"a":""", 100_000)) + "1" + new string('}', 100_000);
        (await _lab.PublishAsync(deep)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _lab.PublishAsync(Alert("k", more: ""","x":[[[[[[[[[[]]]]]]]]]]"""))).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        var body = Encoding.UTF8.GetBytes(Alert("k", title: "T"));
        body[^4] = 0xFF;
        var reply = await _lab.PublishAsync(Json(body));
        ((int)reply.Status, reply.Code).ShouldBe((422, 4606));
    }

    [Fact]
    public async Task B_a_body_over_its_limit_is_refused_whether_or_not_it_says_its_length()
    {
        var body = new byte[(1 << 20) + 1];
        body.AsSpan().Fill((byte)' ');
        foreach (var chunked in new[] { false, true })
        {
            using var request = Json(body);
            request.Headers.ContentLength = chunked ? null : body.Length;
            _lab.Headers.TransferEncodingChunked = chunked;
            var reply = await _lab.PublishAsync(request);
            (reply.Status, reply.Code).ShouldBe((HttpStatusCode.RequestEntityTooLarge, 4603));
        }
        _lab.Headers.TransferEncodingChunked = null;
    }

    [Fact]
    public async Task The_longest_message_fits_however_it_is_escaped()
    {
        var text = string.Concat(Enumerable.Repeat("\\u0061", 65_536));
        (await _lab.PublishAsync(Line("k", text))).Code.ShouldBe(4604, "it was read, and there is no such conversation");
        (await _lab.PublishAsync(Line("k", text + "\\u0061"))).Code.ShouldBe(4603);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Another_media_type_is_refused(string mediaType)
    {
        var body = new StringContent(Alert("k"), Encoding.UTF8, mediaType);
        (await _lab.PublishAsync(body)).Status.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task A_request_that_is_cut_has_done_nothing()
    {
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(_gateway.Http.Host, _gateway.Http.Port, Cancel);
            var head = $"POST /v1/publish HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {_gateway.Token("lab", scopes: "holi.publish")}\r\n"
                + "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n" + Alert("cut");
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Cancel);
        }
        (await _lab.PublishAsync(Alert("next"))).What.ShouldBe("committed user/ana 1");
    }

    [Fact]
    public async Task B_one_backend_has_so_many_requests_at_a_time_and_others_are_served_beside_it()
    {
        await using var gateway = await RunningGateway.StartAsync(("Limits:PublicationRequestsPerBackend", "1"));
        using var slow = new TcpClient();
        await slow.ConnectAsync(gateway.Http.Host, gateway.Http.Port, Cancel);
        // Begins a request and does not end it.
        var head = $"POST /v1/publish HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.Token("lab", scopes: "holi.publish")}\r\n"
            + "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{";
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Cancel);
        using var same = new PublishingBackend(gateway);
        Reply reply;
        while ((reply = await same.PublishAsync(Alert($"k{Guid.NewGuid():N}"))).Status == HttpStatusCode.OK)
            await Task.Delay(5, Cancel);
        (reply.Status, reply.Code, reply.RetryAfter).ShouldBe((HttpStatusCode.TooManyRequests, 4106, TimeSpan.FromSeconds(1)));
        using var other = new PublishingBackend(gateway, backend: "pharmacy");
        (await other.PublishAsync(Alert("other"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    private static ByteArrayContent Json(byte[] body) => new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
}
