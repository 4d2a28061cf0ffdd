package ogive.interop;

/** One proof about a server. It passes by returning and fails by throwing; it owns its topics and groups, so scenarios may run side by side. */
@FunctionalInterface
public interface Scenario {
    void run(Context context) throws Exception;
}
