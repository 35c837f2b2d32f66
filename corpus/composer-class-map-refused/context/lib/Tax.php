<?php

final class Tax
{
}
