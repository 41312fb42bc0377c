import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.lucene.util.Version;
import org.elasticsearch.Build;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;

/**
 * Runs one node of Elasticsearch on 127.0.0.1: `--version`, or `HOME DATA PORT [setting=value ...]`. HOME has the modules and
 * plugins, DATA is this node's alone. It stands in for the launcher of Elasticsearch's archive, which is in no registry.
 */
public class Launcher {
    private static final String NODE = "node-1";

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("--version")) {
            System.out.println(Build.current().version());
            return;
        }
        LogConfigurator.configureESLogging();
        Environment environment = environment(arguments);
        LogConfigurator.setNodeName(NODE);
        LogConfigurator.configureWithoutConfig(Settings.builder().put("logger.level", "WARN").build());
        // The server is on the class path, where modules of Java could not be told to let its own in.
        PluginsLoader loader = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(environment.modulesDir()),
            PluginsLoader.loadPluginsBundles(environment.pluginsDir()),
            Map.of(),
            false
        );
        Node node = new Node(environment, loader);
        node.injector().getInstance(RestController.class).registerHandler(new Root());
        node.start();
        waitForEnd(node);
    }

    private static Environment environment(String[] arguments) {
        Path home = Path.of(arguments[0]).toAbsolutePath();
        Path data = Path.of(arguments[1]).toAbsolutePath();
        Settings.Builder settings = Settings.builder()
            .put("path.home", home.toString())
            .put("path.data", data.resolve("data").toString())
            .put("path.logs", data.resolve("logs").toString())
            .put("cluster.name", "real")
            .put("node.name", NODE)
            .put("network.host", "127.0.0.1")
            .put("http.port", arguments[2])
            .put("transport.port", "0")
            .put("discovery.type", "single-node")
            // a full disk of the machine is not what is tested
            .put("cluster.routing.allocation.disk.threshold_enabled", false);
        for (int index = 3; index < arguments.length; index++) {
            String[] setting = arguments[index].split("=", 2);
            settings.put(setting[0], setting[1]);
        }
        return InternalSettingsPreparer.prepareEnvironment(settings.build(), Map.of(), home.resolve("config"), () -> NODE);
    }

    private static void waitForEnd(Node node) throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception failure) {
                failure.printStackTrace();
            }
            ended.countDown();
        }));
        long uptime = ManagementFactory.getRuntimeMXBean().getUptime();
        System.out.println("started " + Build.current().version() + " in " + uptime + " ms");
        ended.await();
    }

    /** What answers GET / is a module of its own (rest-root), which is in no registry either. */
    private static class Root implements RestHandler {
        @Override
        public List<Route> routes() {
            return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/"));
        }

        @Override
        public String getName() {
            return "main_action";
        }

        @Override
        public void handleRequest(RestRequest request, RestChannel channel, NodeClient client) throws Exception {
            Build build = Build.current();
            channel.sendResponse(new RestResponse(RestStatus.OK, channel.newBuilder().startObject()
                .field("name", NODE)
                .field("cluster_name", "real")
                .field("cluster_uuid", "real")
                .startObject("version")
                .field("number", build.version())
                .field("build_flavor", "default")
                .field("build_type", "jar")
                .field("build_hash", build.hash())
                .field("build_date", build.date())
                .field("build_snapshot", build.isSnapshot())
                .field("lucene_version", Version.LATEST.toString())
                .field("minimum_wire_compatibility_version", build.minWireCompatVersion())
                .field("minimum_index_compatibility_version", build.minIndexCompatVersion())
                .endObject()
                .field("tagline", "You Know, for Search")
                .endObject()));
        }
    }
}
