<?php

namespace Greet;

final class Hello
{
}
