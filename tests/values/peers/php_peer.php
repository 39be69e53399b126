<?php
// Stores values through php-memcached, or compares what memring stored with what it reads.
//
//     php php_peer.php PORT write|check
//
// Ends with 0 if all is well, 1 with a line for each difference, 3 if the extension is missing.

if (!extension_loaded('memcached')) {
    echo "no extension \"memcached\"; install Debian's package php-memcached\n";
    exit(3);
}

// The same text as in foreign_clients_io_test.cpp.
function long_text(int $size, int $letters): string
{
    $state = 1;
    $out = '';
    while (strlen($out) < $size) {
        $state = ($state * 1103515245 + 12345) & 0x7fffffff;
        $out .= chr(97 + ($state >> 16) % $letters);
    }
    return $out;
}

$values = [
    'text' => 'Grüße, 世界 😀',
    'empty_text' => '',
    'bytes' => "\x00\xff\r\nEND\r\n",
    'answer' => 42,
    'negative' => -7,
    'zero' => 0,
    'int64_max' => PHP_INT_MAX,
    'int64_min' => PHP_INT_MIN,
    'float' => 3.25,
    'whole' => 2.0,
    'tenth' => 0.1,
    'huge' => 1e300,
    'tiny' => 5e-324,
    'inf' => INF,
    'minus_inf' => -INF,
    'nan' => NAN,
    'true' => true,
    'false' => false,
    'null' => null,
    'long_text' => long_text(20000, 4),
    // over 64 KiB FastLZ is of level 2, and what is far back is repeated
    'longer_text' => str_repeat(long_text(30000, 4), 4),
];
$objects = ['list' => [1, 'two', 3.0], 'long_list' => range(1, 3000)];

$client = new Memcached();
$client->addServer('127.0.0.1', (int) $argv[1]);
$bad = 0;

if ($argv[2] === 'write') {
    $compressions = [
        'fastlz' => Memcached::COMPRESSION_FASTLZ,
        'zlib' => Memcached::COMPRESSION_ZLIB,
    ];
    foreach ($compressions as $compression => $type) {
        $client->setOption(Memcached::OPT_COMPRESSION_TYPE, $type);
        foreach ($values + $objects as $name => $value) {
            if (!$client->set("$compression:$name", $value)) {
                echo "not stored: $name\n";
                ++$bad;
            }
        }
    }
    foreach (['PHP', 'IGBINARY', 'JSON', 'JSON_ARRAY', 'MSGPACK'] as $serializer) {
        $client->setOption(
            Memcached::OPT_SERIALIZER,
            constant("Memcached::SERIALIZER_$serializer")
        );
        $bad += $client->set("$serializer:list", $objects['list']) ? 0 : 1;
        $bad += $client->set("$serializer:null", null) ? 0 : 1;
    }
    $client->setOption(Memcached::OPT_USER_FLAGS, 0x12);
    $bad += $client->set('user_flags', 'flagged') ? 0 : 1;
} else {
    foreach ($values as $name => $value) {
        foreach (['plain', 'zipped'] as $prefix) {
            $got = $client->get("$prefix:$name");
            $found = $client->getResultCode() === Memcached::RES_SUCCESS;
            $same = $got === $value || (is_float($value) && is_nan($value) && is_nan($got));
            if (!$found || !$same) {
                $shown = substr(var_export($got, true), 0, 100);
                echo "$prefix:$name: $shown ", $client->getResultMessage(), "\n";
                ++$bad;
            }
        }
    }
}
exit($bad ? 1 : 0);
