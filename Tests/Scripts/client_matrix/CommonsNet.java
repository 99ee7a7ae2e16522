// Apache commons-net as a client: reads commands from standard input, one a line, tab-separated, and answers "ok …" or "error …".
//
// Arguments: host, port, "implicit" or "explicit", the authority's certificate, user, "plain" or "reusing"; the password comes first on standard input.

import java.io.*;
import java.lang.reflect.Field;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.*;
import java.util.concurrent.*;
import javax.net.ssl.*;
import org.apache.commons.net.ftp.*;

public class CommonsNet {
    /** Puts the control connection's newest TLS session where JSSE looks for one of the data connection's port. */
    static class Reusing extends FTPSClient {
        Reusing(boolean implicit, SSLContext context) { super(implicit, context); }

        @Override protected void _prepareDataSocket_(Socket socket) throws IOException {
            try {
                SSLSessionContext context = ((SSLSocket) _socket_).getSession().getSessionContext();
                Field field = context.getClass().getDeclaredField("sessionHostPortCache");
                field.setAccessible(true);
                Object cache = field.get(context);
                var get = cache.getClass().getMethod("get", Object.class);
                var put = cache.getClass().getMethod("put", Object.class, Object.class);
                get.setAccessible(true);
                put.setAccessible(true);
                String host = socket.getInetAddress().getHostAddress();
                Object session = get.invoke(cache, (host + ":" + _socket_.getPort()).toLowerCase(Locale.ROOT));
                if (session == null) session = ((SSLSocket) _socket_).getSession();
                put.invoke(cache, (host + ":" + socket.getPort()).toLowerCase(Locale.ROOT), session);
            } catch (ReflectiveOperationException error) {
                throw new IOException(error);
            }
        }
    }

    static String[] options;
    static String password;

    static FTPSClient connect() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (InputStream file = new FileInputStream(options[3])) {
            store.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        boolean implicit = options[2].equals("implicit");
        FTPSClient client = options[5].equals("reusing") ? new Reusing(implicit, context) : new FTPSClient(implicit, context);
        client.setEndpointCheckingEnabled(true);
        client.setDefaultTimeout(20_000);
        client.setDataTimeout(java.time.Duration.ofSeconds(20));
        client.setAutodetectUTF8(true);
        client.connect(options[0], Integer.parseInt(options[1]));
        expect(client.login(options[4], password), client);
        client.execPBSZ(0);
        client.execPROT("P");
        client.enterLocalPassiveMode();
        expect(client.setFileType(FTP.BINARY_FILE_TYPE), client);
        return client;
    }

    static void expect(boolean good, FTPSClient client) throws IOException {
        if (!good) throw new IOException(client.getReplyString());
    }

    static String run(FTPSClient client, String[] words) throws Exception {
        switch (words[0]) {
            case "put":
                try (InputStream file = new FileInputStream(words[1])) { expect(client.storeFile(words[2], file), client); }
                return "";
            case "get":
                try (OutputStream file = new FileOutputStream(words[2])) { expect(client.retrieveFile(words[1], file), client); }
                return "";
            case "list":
                StringJoiner names = new StringJoiner("\t");
                for (FTPFile entry : client.listFiles(words[1])) names.add(entry.getName());
                expect(FTPReply.isPositiveCompletion(client.getReplyCode()), client);
                return names.toString();
            case "rename":
                expect(client.rename(words[1], words[2]), client);
                return "";
            case "delete":
                expect(client.deleteFile(words[1]), client);
                return "";
            case "resume_put":
                long offset = Long.parseLong(client.getSize(words[2]));
                client.setRestartOffset(offset);
                try (FileInputStream file = new FileInputStream(words[1])) {
                    file.getChannel().position(offset);
                    expect(client.storeFile(words[2], file), client);
                }
                return "";
            case "resume_get":
                client.setRestartOffset(Files.size(Path.of(words[2])));
                try (OutputStream file = new FileOutputStream(words[2], true)) { expect(client.retrieveFile(words[1], file), client); }
                return "";
            case "parallel":  // verb, then pairs
                ExecutorService pool = Executors.newFixedThreadPool(4);
                List<Future<String>> parts = new ArrayList<>();
                for (int first = 0; first < 4; first++) {
                    int part = first;
                    parts.add(pool.submit(() -> {
                        FTPSClient own = connect();
                        for (int at = 2 + 2 * part; at < words.length; at += 8) run(own, new String[] {words[1], words[at], words[at + 1]});
                        own.logout();
                        own.disconnect();
                        return "";
                    }));
                }
                pool.shutdown();
                for (Future<String> part : parts) part.get();
                return "";
            default:
                throw new IllegalArgumentException(words[0]);
        }
    }

    public static void main(String[] arguments) throws Exception {
        options = arguments;
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream output = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        password = input.readLine();
        FTPSClient client = connect();
        String line;
        while ((line = input.readLine()) != null) {
            try {
                output.println("ok\t" + run(client, line.split("\t")));
            } catch (Exception error) {
                output.println("error\t" + error.toString().replaceAll("\\s+", " "));
            }
        }
        client.logout();
        client.disconnect();
    }
}
