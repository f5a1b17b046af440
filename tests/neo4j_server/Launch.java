import java.nio.file.Path;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

/** Runs a Neo4j server from its own jars until it is stopped: Launch.java HOME_FOLDER. */
public class Launch {
  public static void main(String[] arguments) throws Exception {
    var home = Path.of(arguments[0]);
    var server = new DatabaseManagementServiceBuilder(home)
        .loadPropertiesFromFile(home.resolve("conf/neo4j.conf")).build();
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
    System.out.println("READY");
    System.out.flush();
    Thread.currentThread().join();
  }
}
