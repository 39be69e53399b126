<?php
// Stores keys behind a prefix through php-memcached, or reads those that memring has stored.
//
//     php prefix_php.php php|php-hashed write|check PREFIX KEYS PORT...
//
// php-hashed hashes the prefix. The keys are key0, key1 ...; written are "theirs 0", "theirs 1"
// ..., read "ours 0", "ours 1" ...
//
// Ends with 0 if all is well, 1 with a line for each difference, 3 if the extension is missing.

if (!extension_loaded('memcached')) {
    echo "no extension \"memcached\"; install Debian's package php-memcached\n";
    exit(3);
}

[, $name, $action, $prefix, $count] = $argv;
$client = new Memcached();
$client->setOption(Memcached::OPT_LIBKETAMA_COMPATIBLE, true);
$client->setOption(Memcached::OPT_PREFIX_KEY, $prefix);
if ($name === 'php-hashed') {
    $client->setOption(Memcached::OPT_HASH_WITH_PREFIX_KEY, true);
}
foreach (array_slice($argv, 5) as $port) {
    $client->addServer('127.0.0.1', (int) $port);
}

$keys = array_map(fn ($i) => "key$i", range(0, $count - 1));
$bad = 0;
if ($action === 'write') {
    foreach ($keys as $i => $key) {
        if (!$client->set($key, "theirs $i")) {
            echo "not stored: $key: ", $client->getResultMessage(), "\n";
            ++$bad;
        }
    }
} else {
    $many = $client->getMulti($keys);
    foreach ($keys as $i => $key) {
        foreach ([$client->get($key), $many[$key] ?? null] as $got) {
            if ($got !== "ours $i") {
                echo "$key: ", var_export($got, true), "\n";
                ++$bad;
            }
        }
    }
}
exit($bad ? 1 : 0);
